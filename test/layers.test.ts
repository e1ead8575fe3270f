/** Who may import whom; docs/decisions/0006-layers.md says why. */
import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { packageRoot } from '../core/config/root.ts'

const root = fileURLToPath(packageRoot())

/** Sources of a folder, tests and what only tests use left out. */
function sources(folder: string): string[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts') && !/(\.test|(^|\/)kit|(^|\/)testing)\.ts$/.test(file))
    .map((file) => join(folder, file))
}

/** Everything a file imports at run time: paths from the root, or names of modules. */
function imports(file: string): string[] {
  const text = readFileSync(join(root, file), 'utf8')
  const found = [...text.matchAll(/^(?:import|export)(?! type)[^'"]*?from '([^']+)'|^import '([^']+)'|import\('([^']+)'\)/gm)]
  return found
    .map((match) => match[1] ?? match[2] ?? match[3])
    .map((name) => (name.startsWith('.') ? relative(root, join(root, dirname(file), name)) : name))
}

function wrong(files: readonly string[], allowed: (imported: string, file: string) => boolean): string[] {
  return files.flatMap((file) =>
    imports(file)
      .filter((imported) => !allowed(imported, file))
      .map((imported) => `${file} imports ${imported}`),
  )
}

const OPEN_TO_PLUGINS = /^core\/(plugin\.ts|event\/|formats\/|net\/|feed\/file\.ts)/
const IO = /^node:(fs|net|tls|http|https|dgram|child_process|worker_threads|zlib|stream|readline|timers)/

test('plugins import the contract, events, formats, net and their own things', () => {
  const own = (file: string) => file.split('/').slice(0, 3).join('/')
  const files = sources('plugins')
  assert.ok(files.length > 50)
  assert.deepEqual(
    wrong(
      files,
      (imported, file) => !/^(core|plugins|cli|test)\//.test(imported) || OPEN_TO_PLUGINS.test(imported) || imported.startsWith(`${own(file)}/`),
    ),
    [],
  )
})

test('the core imports no plugin, and nothing of the command line', () => {
  assert.deepEqual(
    wrong(sources('core'), (imported) => !/^(plugins|cli|test|bench)\//.test(imported)),
    [],
  )
})

/** The half of a filter that runs on the main thread, by the name of its file or folder. */
const FEED = /^plugins\/filters\/[^/]+\/feed(\.ts$|\/)/

test("only a filter's feed is its main half, and it is loaded on demand", () => {
  const files = sources('plugins/filters').filter((file) => !FEED.test(file))
  const eager = files.filter((file) => /^import (?!type)[^\n]*'\.\/feed[./]/m.test(readFileSync(join(root, file), 'utf8')))
  assert.deepEqual(eager, [])
})

test('filters, formats, events and routes do no I/O', () => {
  // A checksum of bytes is no I/O.
  const files = [
    ...sources('plugins/filters').filter((file) => !FEED.test(file)),
    ...sources('core/formats'),
    ...sources('core/event'),
    ...sources('core/route'),
    ...sources('core/when'),
  ]
  assert.deepEqual(
    wrong(
      files,
      (imported, file) =>
        !IO.test(imported) || (imported === 'node:zlib' && file.endsWith('crc.ts')) || (imported === 'node:net' && file.endsWith('values.ts')),
    ),
    [],
  )
})
