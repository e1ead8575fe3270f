/** `npm run machine`: compiles the machine's AssemblyScript, with a compiler that is fetched for it, and writes the WebAssembly as a module. */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { packageRoot } from '../core/config/root.ts'

/** Of a hundred megabytes, which is why it is no dependency. */
const COMPILER = 'assemblyscript@0.28.20'
const FLAGS = '-O3 --noAssert --enable simd --runtime stub --importMemory --initialMemory 1 --maximumMemory 65536'

const folder = mkdtempSync(join(tmpdir(), 'machine-'))
try {
  const out = join(folder, 'machine.wasm')
  execFileSync('npx', ['--yes', '--package', COMPILER, '--', 'asc', 'core/event/machine/assembly/index.ts', '-o', out, ...FLAGS.split(' ')], {
    cwd: packageRoot(),
    stdio: 'inherit',
  })
  const code = readFileSync(out).toString('base64')
  const text = `/** Made by \`npm run machine\` from assembly/index.ts: WebAssembly in base64. */\nexport const CODE =\n  '${code}'\n`
  writeFileSync(new URL('core/event/machine/code.ts', packageRoot()), text)
  console.log(`${COMPILER}: ${readFileSync(out).length} bytes`)
} finally {
  rmSync(folder, { recursive: true })
}
