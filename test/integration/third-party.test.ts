/** Plugins of others: the example as `./path`, and the same as an npm package; both run in a worker and pass the kit. */
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { packageRoot } from '../../core/config/root.ts'
import { type Event, type FilterPlugin, fieldTable, type Plugin } from '../../core/plugin.ts'
import { findings } from '../kit/index.ts'
import { program } from '../program.ts'

const run = promisify(execFile)
const root = fileURLToPath(packageRoot())
let folder = ''
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'wherry-third-'))
  const home = join(folder, 'node_modules', 'wherry-filter-strong')
  await mkdir(home, { recursive: true })
  await cp(join(root, 'examples', 'plugins', 'keep-strong.js'), join(home, 'index.js'))
  await writeFile(join(home, 'package.json'), JSON.stringify({ name: 'wherry-filter-strong', type: 'module', exports: './index.js' }))
  await writeFile(join(folder, 'package.json'), '{"type":"module"}')
  await cp(join(root, 'examples', 'plugins', 'keep-strong.js'), join(folder, 'keep-strong.js'))
})
after(() => rm(folder, { recursive: true }))

async function signals(plugin: string): Promise<number[]> {
  const example = await readFile(join(root, 'examples', 'keep-strong.yml'), 'utf8')
  const config = example
    .replace('./plugins/keep-strong.js', plugin)
    .replace('./data/keep-strong', join(folder, `data-${plugin.replace(/\W/g, '')}`))
    .replace('shipper: {', 'shipper: { threads: 1,')
  const file = join(folder, 'shipper.yml')
  await writeFile(file, config)
  const { stdout } = await run(process.execPath, [program, 'run', '--once', '-c', file], { maxBuffer: 2 ** 26 })
  return stdout
    .trimEnd()
    .split('\n')
    .map((line) => (JSON.parse(line) as { wlan_radio: { signal_dbm: number } }).wlan_radio.signal_dbm)
}

test('a filter of 20 lines as ./path and as a package filters alike, in a worker', { timeout: 60_000 }, async () => {
  const local = await signals('./keep-strong.js')
  const packaged = await signals('wherry-filter-strong')
  assert.ok(local.length > 100 && local.length < 5000)
  assert.ok(local.every((dbm) => dbm >= -60))
  assert.equal(packaged.length, local.length)
})

test('the example passes the kit', async () => {
  const { default: plugin } = (await import(join(root, 'examples', 'plugins', 'keep-strong.js'))) as { default: FilterPlugin<{ type: 'object' }> }
  assert.deepEqual(await findings(plugin as unknown as Plugin, { sample: { configs: [{ min_dbm: -60 }], tables: [radio] } }), [])
  const broken = { ...plugin, create: () => ({ apply: (event: Event) => event.set('no.such.field', 1) }) } as unknown as Plugin
  assert.notDeepEqual(await findings(broken, { sample: { configs: [{ min_dbm: -60 }], tables: [radio] } }), [])
})

const radio = fieldTable('radio', { signal: { path: 'wlan_radio.signal_dbm', type: 'int', description: 'signal' } })
