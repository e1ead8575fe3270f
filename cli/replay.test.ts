import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { systemClock } from '../core/clock.ts'
import { loadConfigText } from '../core/config/load.ts'
import { DeadLetters, type DeliveryLetter, type RecordLetter } from '../core/delivery/dead-letters.ts'
import { encodeContext } from '../core/formats/capture.ts'
import { pcapHeader, pcapRecord } from '../core/formats/pcap-write.ts'
import type { Log } from '../core/plugin.ts'
import type { Opened } from './open-config.ts'
import { replay } from './replay.ts'

const folder = mkdtempSync(join(tmpdir(), 'wherry-'))
after(() => rmSync(folder, { recursive: true }))

const log: Log = { error: () => undefined, warn: () => undefined, info: () => undefined, debug: () => undefined }

async function open(name: string): Promise<Opened> {
  const target = join(folder, `${name}.ndjson`)
  const text = `shipper: { data_dir: ${join(folder, name)}, threads: 0 }
inputs: { air: { plugin: pcap, path: none.pcap } }
outputs: { out: { plugin: file, path: ${target}, sync_ms: 0 } }
routes: [{ from: air, to: out }]
`
  const { config, fields, plugins, problems, secrets } = await loadConfigText('a.yml', text, folder, { env: {}, once: false })
  return { config: config!, fields: fields!, plugins, problems, secrets, log: { ...log, close: async () => undefined } }
}

const record = (n: number): RecordLetter => ({
  kind: 'record',
  at: '2026-01-01T00:00:00.000Z',
  reason: 'a test',
  input: 'air',
  stream: 's',
  identity: 's',
  offset: 1000 * n,
  length: 26,
  data: Buffer.from(pcapRecord(new Uint8Array(10), 1_700_000_000 + n, 0)).toString('base64'),
  context: Buffer.from(encodeContext({ frames: n, blocks: pcapHeader(105) })).toString('base64'),
})

const delivery = (folder: string, output: string): DeliveryLetter => ({
  kind: 'delivery',
  at: '2026-01-01T00:00:00.000Z',
  reason: 'a test',
  output,
  format: 'ndjson/1',
  key: join(folder),
  route: 0,
  body: Buffer.from('{"was":"refused"}\n').toString('base64'),
  ends: true,
})

async function bury(opened: Opened, letters: readonly (RecordLetter | DeliveryLetter)[]): Promise<void> {
  const dead = new DeadLetters({ data_dir: opened.config.shipper.data_dir, clock: systemClock, log })
  await dead.write(letters)
  await dead.close()
}

test('records are decoded again, encoded events go to their output, and the letters are gone', async () => {
  const opened = await open('all')
  const target = join(folder, 'all.ndjson')
  await bury(opened, [record(1), record(2), delivery(target, 'out')])
  assert.deepEqual(await replay(opened, undefined), { sent: 3, kept: 0, running: false })
  const events = readFileSync(target, 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
  assert.deepEqual(
    events.map((event) => event.frame?.number ?? event.was),
    [2, 3, 'refused'],
  )
  assert.notEqual(events[0].event.id, events[1].event.id)
  assert.deepEqual(await DeadLetters.list(opened.config.shipper.data_dir), [])
  assert.deepEqual(await replay(opened, undefined), { sent: 0, kept: 0, running: false })
})

test('letters that have nowhere to go are kept', async () => {
  const opened = await open('kept')
  await bury(opened, [{ ...record(1), data: undefined }, delivery('x', 'gone')])
  assert.deepEqual(await replay(opened, undefined), { sent: 0, kept: 2, running: false })
  const files = await DeadLetters.list(opened.config.shipper.data_dir)
  assert.deepEqual(files.map(({ name }) => name).sort(), ['events.gone', 'records.air'])
})

test('only the letters of one section', async () => {
  const opened = await open('one')
  await bury(opened, [record(1), delivery(join(folder, 'one.ndjson'), 'out')])
  assert.deepEqual(await replay(opened, 'out'), { sent: 1, kept: 0, running: false })
  const files = await DeadLetters.list(opened.config.shipper.data_dir)
  assert.deepEqual(
    files.map(({ name }) => name),
    ['records.air'],
  )
})
