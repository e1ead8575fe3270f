/** The example does what it says, with the program itself. */
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { promisify } from 'node:util'
import { packageRoot } from '../../../core/config/root.ts'
import { program } from '../../../test/program.ts'

interface Line {
  readonly wlan: { readonly fc: { readonly type_subtype: number } }
  readonly assoc: { readonly client: string; readonly state: string; readonly ssid?: string }
}

test('examples/assoc.yml tells who passes by from who uses our networks', { timeout: 60_000 }, async () => {
  const folder = await mkdtemp(join(tmpdir(), 'wherry-assoc-'))
  try {
    const example = await readFile(new URL('examples/assoc.yml', packageRoot()), 'utf8')
    const file = join(folder, 'shipper.yml')
    await writeFile(file, example.replaceAll('./data/assoc', folder))
    await promisify(execFile)(process.execPath, [program, 'run', '--once', '-c', file])
    const lines = async (name: string) =>
      (await readFile(join(folder, `${name}.ndjson`), 'utf8'))
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line) as Line)
    const probing = await lines('probing')
    const associated = await lines('associated')
    const gone = await lines('gone')
    assert.ok(probing.length > 100 && probing.every(({ assoc }) => assoc.state === 'probing'))
    assert.ok(associated.length > 50 && associated.every(({ assoc }) => assoc.state === 'associated' && assoc.ssid === 'eduroam'))
    assert.ok(gone.length > 0 && gone.every(({ wlan }) => wlan.fc.type_subtype === 0x0c))
    // Clients that look for their own network while they use it are among the associated only.
    assert.ok(associated.some(({ wlan }) => wlan.fc.type_subtype === 4))
  } finally {
    await rm(folder, { recursive: true })
  }
})
