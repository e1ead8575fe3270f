import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { VendorTable } from '../plugins/filters/vendor/table.ts'
import { program } from '../test/program.ts'

const folder = mkdtempSync(join(tmpdir(), 'wherry-oui-'))
after(() => rmSync(folder, { recursive: true }))

const config = {
  shipper: { data_dir: join(folder, 'data') },
  inputs: { air: { plugin: 'generate', frames: 400, rate: 0 } },
  filters: { decode: { plugin: 'ieee80211' }, vendor: { plugin: 'vendor' } },
  outputs: { out: { plugin: 'stdout' } },
  routes: [{ from: 'air', through: ['decode', 'vendor'], to: 'out' }],
}
writeFileSync(join(folder, 'shipper.yml'), JSON.stringify(config))
const wherry = (...args: string[]) => spawnSync(process.execPath, [program, ...args], { cwd: folder, encoding: 'utf8' })

test('oui update packs lists into data_dir, and the next run uses them', () => {
  const csv = 'Registry,Assignment,Organization Name,Organization Address\nMA-L,24A43C,Ours,x\n'
  writeFileSync(join(folder, 'oui.csv'), csv)
  writeFileSync(join(folder, 'manuf'), '70:B3:D5:12:30:00/36\tLab\n')
  const { status, stderr } = wherry('oui', 'update', 'oui.csv', 'manuf')
  assert.equal(status, 0, stderr)
  assert.match(stderr, /oui\.bin: 2 prefixes/)
  assert.equal(new VendorTable(Uint8Array.from(readFileSync(join(folder, 'data', 'oui.bin')))).prefixes, 2)
  const run = wherry('run', '--once')
  assert.equal(run.status, 0, run.stderr)
  const vendors = new Set(
    run.stdout
      .trim()
      .split('\n')
      .map((line) => (JSON.parse(line) as { wlan: { ta_vendor?: string } }).wlan.ta_vendor)
      .filter((vendor) => vendor !== undefined),
  )
  assert.deepEqual([...vendors], ['Ours'])
})

test('oui update refuses what is no list, and leaves the table as it is', () => {
  writeFileSync(join(folder, 'poem.txt'), 'roses are red\n')
  for (const [file, words] of [
    ['poem.txt', /poem\.txt: no list of vendors/],
    ['none.csv', /none\.csv: ENOENT/],
  ] as const) {
    const { status, stderr } = wherry('oui', 'update', 'oui.csv', file)
    assert.equal(status, 2)
    assert.match(stderr, words)
  }
  assert.equal(new VendorTable(Uint8Array.from(readFileSync(join(folder, 'data', 'oui.bin')))).prefixes, 2)
})
