import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { config, memoryLog, numbers, output } from '../../test/plugins/config.ts'
import { collectors } from '../../test/plugins/lines.ts'
import { type Clock, systemClock } from '../clock.ts'
import type { Input } from '../plugin.ts'
import { Shipper } from '../shipper.ts'
import { imbalances } from './books.ts'
import { DeadLetters, type DeliveryLetter, type Letter, type RecordLetter } from './dead-letters.ts'

const folders: string[] = []
async function folder(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'wherry-'))
  folders.push(path)
  return path
}
after(() => Promise.all(folders.map((path) => rm(path, { recursive: true }))))

const log = memoryLog()
/** Looks for files at once, and gives others a turn in between. */
const hurried: Clock = { ...systemClock, sleep: (_, signal) => systemClock.sleep(1, signal) }

const record = (n: number): RecordLetter => {
  const data = Buffer.alloc(4)
  data.writeUInt32BE(n)
  const place = { stream: 'numbers-0', identity: 'numbers-0', offset: n * 4, length: 4 }
  return { kind: 'record', at: '2026-01-01T00:00:00.000Z', reason: 'a test', input: 'count', ...place, data: data.toString('base64'), context: '' }
}

const delivery = (output: string, more: Partial<DeliveryLetter> = {}): DeliveryLetter => ({
  kind: 'delivery',
  at: '2026-01-01T00:00:00.000Z',
  reason: 'a test',
  output,
  format: 'lines/1',
  route: 0,
  body: Buffer.from('{"was":"refused"}\n').toString('base64'),
  ends: true,
  ...more,
})

async function bury(data_dir: string, letters: readonly Letter[]): Promise<void> {
  const dead = new DeadLetters({ data_dir, clock: systemClock, log })
  await dead.write(letters)
  await dead.close()
}

async function lettersOf(data_dir: string): Promise<{ name: string; letters: readonly Letter[] }[]> {
  const files = await DeadLetters.list(data_dir)
  return Promise.all(files.map(async ({ name, path }) => ({ name, letters: (await DeadLetters.read(path)).letters })))
}

/** Runs a Wherry whose input waits, until `done`, and answers what its output got. */
async function running(data_dir: string, name: string, done: () => Promise<boolean>): Promise<string[]> {
  collectors.set(name, { lines: [] })
  const stop = new AbortController()
  const idle: Input = {
    async *read() {
      if (!stop.signal.aborted) await new Promise<void>((resolve) => stop.signal.addEventListener('abort', () => resolve()))
    },
  }
  const shipper = new Shipper({
    config: config({
      data_dir,
      inputs: [numbers({ count: 0 })],
      outputs: [output(name)],
      routes: [{ from: ['count'], through: [], to: [name] }],
    }),
    log,
    inputs: new Map([['count', () => idle]]),
    clock: hurried,
  })
  const run = shipper.run(stop.signal)
  while (!(await done())) await new Promise(setImmediate)
  stop.abort()
  assert.deepEqual(imbalances(await run), [])
  return collectors.get(name)!.lines.map(({ text }) => text)
}

test('a Wherry that runs sends what is set aside, from decoding or to its output, and deletes the file when it is settled', async () => {
  const data_dir = await folder()
  await bury(data_dir, [record(7), record(8), delivery('replayed')])
  await DeadLetters.setAside(data_dir, undefined)
  // Written meanwhile, and not asked for.
  await bury(data_dir, [record(9)])
  const lines = await running(data_dir, 'replayed', async () => (await DeadLetters.list(data_dir)).length === 1)
  const events = lines.map((line) => JSON.parse(line) as { number?: { n: number }; event?: { id: string } })
  assert.deepEqual(events.map(({ number }) => number?.n ?? -1).sort(), [-1, 7, 8])
  assert.deepEqual(
    (await lettersOf(data_dir)).map(({ name, letters }) => [name, letters.length]),
    [['records.count', 1]],
  )
})

test('letters that have nowhere to go are written anew', async () => {
  const data_dir = await folder()
  const { data, ...bare } = record(1)
  const homeless = [bare, { ...record(2), input: 'gone' }, delivery('gone'), delivery('kept', { format: 'other/1' }), delivery('kept', { route: 5 })]
  await bury(data_dir, homeless)
  await DeadLetters.setAside(data_dir, undefined)
  const settled = async () => (await DeadLetters.list(data_dir)).every(({ name }) => !DeadLetters.isAside(name))
  assert.deepEqual(await running(data_dir, 'kept', settled), [])
  const found = (await lettersOf(data_dir)).flatMap(({ letters }) => letters)
  assert.deepEqual(new Set(found.map((letter) => JSON.stringify(letter))), new Set(homeless.map((letter) => JSON.stringify(letter))))
})

test('a file that is set aside while it is written to loses nothing, and none takes the place of another', async () => {
  const data_dir = await folder()
  const dead = new DeadLetters({ data_dir, clock: systemClock, log })
  for (let n = 0; n < 3; n++) {
    await dead.write([record(n)])
    assert.equal((await DeadLetters.setAside(data_dir, 'count')).length, n + 1)
  }
  await dead.write([record(3)])
  await dead.close()
  const files = await lettersOf(data_dir)
  const offsets = (aside: boolean) =>
    files
      .filter(({ name }) => DeadLetters.isAside(name) === aside)
      .flatMap(({ letters }) => letters)
      .map((letter) => (letter as RecordLetter).offset / 4)
  // A letter written while its file went may be in both.
  assert.deepEqual(new Set(offsets(true)), new Set([0, 1, 2, 3]))
  assert.deepEqual(offsets(false), [3])
})
