/** Every plugin in the tree is checked; those with a `kit.ts` in full. */
import { existsSync } from 'node:fs'
import { extname, join } from 'node:path'
import { describe } from 'node:test'
import { fileURLToPath } from 'node:url'
import { builtIns, KINDS, loadPlugin } from '../../core/config/plugins.ts'
import { checkPlugin, type Sample } from './index.ts'

const extension = extname(fileURLToPath(import.meta.url))

// All are loaded before the first test begins: a test that lists what is open would see the loader's files.
const found = []
for (const kind of KINDS) {
  for (const name of builtIns(kind)) {
    const { plugin, url } = await loadPlugin(kind, name, '.')
    const kit = new URL(`./kit${extension}`, url)
    const sample: Sample | undefined = existsSync(kit) ? (await import(kit.href)).default : undefined
    found.push({ kind, name, plugin, sample })
  }
}
for (const { kind, name, plugin, sample } of found)
  describe(`${kind} ${name}`, () => checkPlugin(plugin, { sample, folder: sourceFolder(kind, name) }))

/** Where the sources are, which the compiled code stands beside or below; undefined when they are not there. */
function sourceFolder(kind: string, name: string): string | undefined {
  const compiled = fileURLToPath(new URL('../..', import.meta.url))
  const folders = [compiled, join(compiled, '..')].map((root) => join(root, 'plugins', `${kind}s`, name))
  return folders.find((folder) => existsSync(join(folder, 'index.ts')))
}
