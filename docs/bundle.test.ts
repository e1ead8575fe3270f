import assert from 'node:assert/strict'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { packageRoot } from '../core/config/root.ts'

const compiled = fileURLToPath(new URL('dist/', packageRoot()))
const bundle = join(compiled, 'bundle')
const files = readdirSync(bundle, { recursive: true, encoding: 'utf8' }).map((file) => join(bundle, file))

test('each module is in the bundle once, and none that plugins may import', () => {
  const modules = files
    .filter((file) => file.endsWith('.map'))
    .flatMap((file) => (JSON.parse(readFileSync(file, 'utf8')) as { sources: string[] }).sources.map((source) => join(dirname(file), source)))
    .map((file) => relative(join(compiled, '..'), file))
  assert.ok(modules.includes('core/shipper.ts') && modules.includes('plugins/filters/ieee80211/index.ts'))
  assert.deepEqual(
    modules.filter((file, at) => modules.indexOf(file) < at),
    [],
  )
  assert.deepEqual(
    modules.filter((file) => /^core\/(plugin\.ts|event\/|formats\/)/.test(file)),
    [],
  )
})

test('what the bundle takes from the compiled files is there', () => {
  const taken = files
    .filter((file) => file.endsWith('.js'))
    .flatMap((file) => [...readFileSync(file, 'utf8').matchAll(/from"#compiled\/([^"]+)"/g)].map(([, path]) => path!))
  assert.ok(taken.includes('core/plugin.js'))
  assert.deepEqual(
    taken.filter((path) => !existsSync(join(compiled, path))),
    [],
  )
})

// The program and the worker's thread begin to work when they are loaded; every test that starts the program loads them.
const RUN = ['cli/main.js', 'core/worker/worker.js'].map((file) => join(bundle, file))

test('every other file of the bundle can be loaded', async () => {
  const loaded = await Promise.allSettled(files.filter((file) => file.endsWith('.js') && !RUN.includes(file)).map((file) => import(file)))
  assert.ok(loaded.length > 50)
  assert.deepEqual(
    loaded.filter(({ status }) => status === 'rejected'),
    [],
  )
})
