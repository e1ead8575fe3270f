import assert from 'node:assert/strict'
import { mkdtemp, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { config, memoryLog, numbers, output, section } from '../test/plugins/config.ts'
import { collectors, type Line } from '../test/plugins/lines.ts'
import type { ShipperConfig } from './config/types.ts'
import { imbalances } from './delivery/books.ts'
import { DeadLetters, type Letter } from './delivery/dead-letters.ts'
import { RejectedError, RetryError } from './plugin.ts'
import { Shipper } from './shipper.ts'

const folders: string[] = []
async function folder(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'wherry-'))
  folders.push(path)
  return path
}
after(() => Promise.all(folders.map((path) => rm(path, { recursive: true }))))

interface Numbered {
  number: { n: number; stream: string; sum?: number; seen?: number; mark?: string }
  event: { id: string }
}
const parse = (lines: readonly Line[]) => lines.map(({ text }) => JSON.parse(text) as Numbered)

async function ship(shipper: ShipperConfig, signal = new AbortController().signal) {
  for (const { name } of shipper.outputs) if (!collectors.has(name)) collectors.set(name, { lines: [] })
  const log = memoryLog()
  const balance = await new Shipper({ config: shipper, log, once: true }).run(signal)
  assert.deepEqual(imbalances(balance), [])
  const outputs = new Map(shipper.outputs.map(({ name }) => [name, parse(collectors.get(name)!.lines)]))
  return { balance, outputs, log, lines: (name: string) => outputs.get(name)! }
}

async function letters(data_dir: string): Promise<Letter[]> {
  const files = await DeadLetters.list(data_dir)
  return (await Promise.all(files.map(({ path }) => DeadLetters.read(path)))).flatMap((file) => file.letters)
}

const upTo = (count: number) => Array.from({ length: count }, (_, n) => n)
const unique = () => `out-${Math.random().toString(36).slice(2)}`

for (const threads of [0, 1, 2]) {
  test(`every record arrives once and in order per stream, with ${threads} threads`, async () => {
    const [all, keyed] = [unique(), unique()]
    const { lines, balance } = await ship(
      config({
        data_dir: await folder(),
        shipper: { threads },
        inputs: [numbers({ count: 5000, batch: 700, streams: 3, leased: threads !== 2 })],
        outputs: [output(all), output(keyed, { keyed: true })],
        routes: [{ from: ['count'], through: [], to: [all, keyed] }],
      }),
    )
    for (const name of [all, keyed]) {
      for (const stream of ['numbers-0', 'numbers-1', 'numbers-2']) {
        const numbers = lines(name).filter(({ number }) => number.stream === stream)
        assert.deepEqual(
          numbers.map(({ number }) => number.n),
          upTo(5000),
        )
      }
      assert.equal(new Set(lines(name).map(({ event }) => event.id)).size, 15000)
    }
    assert.ok(collectors.get(keyed)!.lines.every(({ key, text }) => text.includes(`"${key}"`)))
    assert.equal(balance.inputs[0].read, 15000)
  })
}

test('what was settled is not read again by the next run', async () => {
  const data_dir = await folder()
  const name = unique()
  const run = (count: number) =>
    ship(
      config({ data_dir, inputs: [numbers({ count, batch: 64 })], outputs: [output(name)], routes: [{ from: ['count'], through: [], to: [name] }] }),
    )
  await run(1000)
  const { lines } = await run(1500)
  assert.deepEqual(
    lines(name).map(({ number }) => number.n),
    upTo(1500),
  )
})

for (const how of ['exit', 'loop', 'memory', 'throw']) {
  test(`a record that makes its thread ${how}: all others arrive, that one is a dead letter`, { timeout: 60_000 }, async () => {
    const data_dir = await folder()
    const name = unique()
    const { lines, balance } = await ship(
      config({
        data_dir,
        shipper: { threads: 1, hang_ms: 1000, worker_max_bytes: 24 * 2 ** 20 },
        inputs: [numbers({ count: 3000, batch: 500 })],
        filters: [section('poison', 'poison', { at: 1234, how })],
        outputs: [output(name)],
        routes: [{ from: ['count'], through: ['poison'], to: [name] }],
      }),
    )
    assert.deepEqual(
      lines(name).map(({ number }) => number.n),
      upTo(3000).filter((n) => n !== 1234),
    )
    const [letter, ...others] = await letters(data_dir)
    assert.equal(others.length, 0)
    assert.ok(letter.kind === 'record')
    assert.equal(letter.offset, 1234 * 4)
    assert.equal(Buffer.from(letter.data!, 'base64').readUInt32BE(), 1234)
    assert.equal(how === 'throw' ? 0 : balance.inputs[0].rejected, how === 'throw' ? 0 : 1)
  })
}

test('two branches behind a filter: each output has what its route says', async () => {
  const [changed, dropped, plain] = [unique(), unique(), unique()]
  const { lines } = await ship(
    config({
      data_dir: await folder(),
      inputs: [numbers({ count: 300 })],
      filters: [section('seen', 'count-seen'), section('mark', 'mark', { text: 'here' }), section('odd', 'keep-odd')],
      outputs: [output(changed), output(dropped), output(plain)],
      routes: [
        { from: ['count'], through: ['seen', 'mark'], to: [changed] },
        { from: ['count'], through: ['seen', 'odd'], to: [dropped] },
        { from: ['count'], through: ['seen'], to: [plain] },
      ],
    }),
  )
  assert.ok(lines(changed).every(({ number }) => number.mark === 'here' && number.seen === number.n))
  assert.deepEqual(
    lines(dropped).map(({ number }) => number.n),
    upTo(300).filter((n) => n % 2 === 1),
  )
  assert.ok(lines(dropped).every(({ number }) => number.mark === undefined && number.seen === number.n))
  assert.ok(lines(plain).every(({ number }) => number.mark === undefined))
  assert.equal(lines(changed).length + lines(plain).length, 600)
})

test('events that an output does not want count as not matched, there only', async () => {
  const [odd, all, matched] = [unique(), unique(), unique()]
  const { lines, balance } = await ship(
    config({
      data_dir: await folder(),
      inputs: [numbers({ count: 300 })],
      outputs: [output(odd, { odd: true }), output(all), output(matched, { odd: true })],
      routes: [
        { from: ['count'], through: [], to: [odd, all] },
        { from: ['count'], through: [], when: 'number.n < 100', to: [matched] },
      ],
    }),
  )
  assert.deepEqual(
    lines(odd).map(({ number }) => number.n),
    upTo(300).filter((n) => n % 2 === 1),
  )
  assert.equal(lines(all).length, 300)
  assert.deepEqual(
    balance.routes.map(({ not_matched, delivered }) => [not_matched, delivered]),
    [
      [150, 150],
      [0, 300],
      [250, 50],
    ],
  )
})

const expectedSums = (count: number, seconds: number) => {
  const sums = new Map<number, number>()
  for (const n of upTo(count)) {
    const window = Math.floor((1_700_000_000 + n) / seconds)
    sums.set(window, (sums.get(window) ?? 0) + n)
  }
  return [...sums.values()]
}

test('filters that annotate: the same for every batching, in read order also with two threads', { timeout: 60_000 }, async () => {
  for (const [batch, threads] of [
    [1, 0],
    [7, 0],
    [999, 0],
    [64, 2],
  ]) {
    const name = unique()
    const { lines } = await ship(
      config({
        data_dir: await folder(),
        shipper: { threads },
        inputs: [numbers({ count: 1000, batch })],
        filters: [section('seen', 'count-seen')],
        outputs: [output(name)],
        routes: [{ from: ['count'], through: ['seen'], to: [name] }],
      }),
    )
    assert.deepEqual(
      lines(name).map(({ number }) => number.seen),
      upTo(1000),
    )
  }
})

test('filters that withhold: the same windows for every batching', async () => {
  const seen = new Set<string>()
  for (const batch of [1, 7, 60, 100, 999]) {
    const name = unique()
    const data_dir = await folder()
    const { lines, balance } = await ship(
      config({
        data_dir,
        inputs: [numbers({ count: 500, batch })],
        filters: [section('sum', 'window-sum', { seconds: 60 })],
        outputs: [output(name)],
        routes: [{ from: ['count'], through: ['sum'], to: [name] }],
      }),
    )
    assert.deepEqual(
      lines(name).map(({ number }) => number.sum),
      expectedSums(500, 60),
    )
    assert.equal(balance.routes[0].absorbed, 500)
    assert.equal(balance.routes[0].created, lines(name).length)
    // Ids hold the sensor's id, which differs from folder to folder; their times do not.
    seen.add(JSON.stringify(lines(name).map(({ event }) => event.id.slice(0, 10))))
  }
  assert.equal(seen.size, 1)
})

test('filters that withhold: a thread that dies in between changes nothing', { timeout: 60_000 }, async () => {
  const [sums, marks] = [unique(), unique()]
  const data_dir = await folder()
  const { lines, balance } = await ship(
    config({
      data_dir,
      shipper: { threads: 1 },
      inputs: [numbers({ count: 500, batch: 25 })],
      filters: [section('sum', 'window-sum', { seconds: 60 }), section('die', 'die-once', { every: 90, file: join(data_dir, 'deaths') })],
      outputs: [output(sums), output(marks)],
      routes: [
        { from: ['count'], through: ['sum'], to: [sums] },
        { from: ['count'], through: ['die'], to: [marks] },
      ],
    }),
  )
  assert.deepEqual(
    lines(sums).map(({ number }) => number.sum),
    expectedSums(500, 60),
  )
  assert.deepEqual(
    lines(marks).map(({ number }) => number.n),
    upTo(500),
  )
  assert.equal(balance.inputs[0].thread_deaths, 5)
})

test('filters that withhold: stops between any two batches tear no window', async () => {
  const name = unique()
  const data_dir = await folder()
  const shipper = config({
    data_dir,
    inputs: [numbers({ count: 400, batch: 13 })],
    filters: [section('sum', 'window-sum', { seconds: 50 })],
    outputs: [output(name, {}, { linger_ms: 0 })],
    routes: [{ from: ['count'], through: ['sum'], to: [name] }],
  })
  let runs = 0
  for (let stopped = true; stopped; runs++) {
    const stop = new AbortController()
    collectors.set(name, { lines: collectors.get(name)?.lines ?? [], after: () => stop.abort() })
    await ship(shipper, stop.signal)
    stopped = stop.signal.aborted
    assert.ok(runs < 50)
  }
  const byId = new Map(parse(collectors.get(name)!.lines).map(({ event, number }) => [event.id, number.sum]))
  assert.deepEqual([...byId.values()], expectedSums(400, 50))
  assert.ok(runs > 3)
})

test('failures, late answers and partial failures: every event arrives, no more than it must', async () => {
  const name = unique()
  const random = (
    (seed) => () =>
      (seed = (seed * 48271) % 2147483647) / 2147483647
  )(7)
  const attempts = new Map<string, number>()
  collectors.set(name, {
    lines: [],
    write: async (payload, attempt) => {
      assert.equal(attempt, (attempts.get(payload.id) ?? 0) + 1)
      attempts.set(payload.id, attempt)
      const roll = random()
      if (roll < 0.2) throw new Error('connection refused')
      if (roll < 0.3) throw new RetryError('slow down', { after_ms: 2 })
      if (roll < 0.4) throw new RetryError('too large', { halve: true })
      if (roll < 0.5) await new Promise((resolve) => setTimeout(resolve, 3))
      return roll > 0.8 ? Array.from({ length: payload.count }, (_, i) => i).filter((i) => i % 3 === 0) : undefined
    },
    after: (payload) => {
      const taken = collectors.get(name)!.lines.filter(({ payload: id }) => id === payload.id).length
      if (taken < payload.count) {
        const events = Array.from({ length: payload.count }, (_, i) => i).filter((i) => i % 3 !== 0)
        if (events.length > 0) throw new RetryError('some failed', { events })
      }
    },
  })
  const { lines, balance } = await ship(
    config({
      data_dir: await folder(),
      inputs: [numbers({ count: 4000, batch: 300 })],
      outputs: [output(name, {}, { batch: { max_events: 64, max_bytes: 8192 } })],
      routes: [{ from: ['count'], through: [], to: [name] }],
    }),
  )
  assert.deepEqual(
    lines(name)
      .map(({ number }) => number.n)
      .sort((a, b) => a - b),
    upTo(4000),
  )
  assert.equal(balance.routes[0].delivered, 4000)
  assert.ok(balance.redelivered[name] > 0)
})

test('rejected events become delivery letters, the others of the payload arrive', async () => {
  const name = unique()
  const data_dir = await folder()
  collectors.set(name, {
    lines: [],
    write: (payload) => {
      const text = Buffer.from(payload.body).toString().split('\n')
      const bad = text.flatMap((line, event) => (/"n":\d*7,/.test(line) ? [{ event, reason: 'has a seven' }] : []))
      if (bad.length > 0)
        throw new RetryError('a bad mix', { rejected: bad, events: upTo(payload.count).filter((i) => !bad.some(({ event }) => event === i)) })
    },
  })
  const { lines, balance } = await ship(
    config({ data_dir, inputs: [numbers({ count: 100 })], outputs: [output(name)], routes: [{ from: ['count'], through: [], to: [name] }] }),
  )
  const isBad = (n: number) => n % 10 === 7
  assert.deepEqual(
    lines(name).map(({ number }) => number.n),
    upTo(100).filter((n) => !isBad(n)),
  )
  const dead = (await letters(data_dir)).map(
    (letter) => letter.kind === 'delivery' && (JSON.parse(Buffer.from(letter.body, 'base64').toString()) as Numbered).number.n,
  )
  assert.deepEqual(dead, upTo(100).filter(isBad))
  assert.equal(balance.routes[0].dead_lettered, 10)
  const { size } = await stat(join(data_dir, 'dead', `events.${name}`))
  assert.ok(balance.written_today >= size, 'letters are among the bytes written')
})

test('a payload rejected as a whole is buried as a whole', async () => {
  const name = unique()
  collectors.set(name, {
    lines: [],
    write: () => {
      throw new RejectedError('not here')
    },
  })
  const { balance } = await ship(
    config({
      data_dir: await folder(),
      inputs: [numbers({ count: 50 })],
      outputs: [output(name)],
      routes: [{ from: ['count'], through: [], to: [name] }],
    }),
  )
  assert.equal(balance.routes[0].dead_lettered, 50)
})

test('a stop while an output is down ends in time, and the next run delivers the rest', async () => {
  const data_dir = await folder()
  const name = unique()
  let down = true
  const stop = new AbortController()
  collectors.set(name, {
    lines: [],
    write: () => {
      if (!down) return
      setTimeout(() => stop.abort(), 50)
      throw new Error('down')
    },
  })
  const shipper = config({
    data_dir,
    shipper: { shutdown_ms: 20 },
    inputs: [numbers({ count: 50_000, batch: 500 })],
    outputs: [output(name, {}, { queue: { kind: 'memory', max_bytes: 100_000 } })],
    routes: [{ from: ['count'], through: [], to: [name] }],
  })
  const { balance } = await ship(shipper, stop.signal)
  const { delivered, queued, in_flight, held } = balance.routes[0]
  assert.equal(delivered, 0)
  assert.ok(queued + in_flight + held > 0)
  assert.ok(balance.inputs[0].read < 50_000, 'a full queue holds its input')
  down = false
  const { lines } = await ship(shipper)
  assert.deepEqual(
    lines(name).map(({ number }) => number.n),
    upTo(50_000),
  )
})
