/** A sensor boots with a clock of the past, captures, and is told the time. */
import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { ManualClock } from '../../test/kit/clock.ts'
import { config, memoryLog, numbers, output } from '../../test/plugins/config.ts'
import { collectors } from '../../test/plugins/lines.ts'
import { Shipper } from '../shipper.ts'

/** When the first of the numbers was recorded; one follows each second. */
const RECORDED_MS = 1_700_000_000_000
const AHEAD_MS = 86_400_000.25
const folders: string[] = []
after(() => Promise.all(folders.map((path) => rm(path, { recursive: true }))))

interface Seen {
  readonly '@timestamp': string
  readonly event: { readonly id: string; readonly clock?: object }
}

/** A sensor, whose processes share a clock and a folder. */
async function sensor(uptime_ms = 0) {
  const data_dir = await mkdtemp(join(tmpdir(), 'wherry-rebase-'))
  folders.push(data_dir)
  const clock = new ManualClock(RECORDED_MS + uptime_ms)
  const state = { service: 'no', boot: 'first' }
  const timeServices = {
    run: async (program: string) => (program === 'timedatectl' ? state.service : undefined),
    exists: async () => false,
  }
  const boot = async () => (state.boot === '' ? undefined : { id: state.boot, uptime_ms: uptime_ms + clock.monotonic() })
  /** Runs Wherry over so many numbers; `each` is asked after every 100 ms that somebody sleeps. */
  const run = async (count: number, each: (uptime_ms: number) => void, { replayable = true, clock_wait_ms = 60_000 } = {}) => {
    const lines: { payload: string; text: string }[] = []
    collectors.set(data_dir, { lines })
    const log = memoryLog()
    const input = { ...numbers({ count }), clock_wait_ms }
    const shipper = config({
      data_dir,
      inputs: [{ ...input, config: { ...input.config, replayable } }],
      outputs: [output(data_dir)],
      routes: [{ from: ['count'], through: [], to: [data_dir] }],
    })
    let running = true
    const ended = new Shipper({ config: shipper, log, once: true, clock, timeServices, boot })
      .run(new AbortController().signal)
      .finally(() => (running = false))
    let began: number | undefined
    while (running) {
      // Files take their time; the clock must not run away from them.
      await new Promise((resolve) => setTimeout(resolve, 1))
      each(uptime_ms + clock.monotonic())
      if (lines.length > 0) began ??= uptime_ms + clock.monotonic()
      if (clock.sleepers > 0) clock.advance(100)
    }
    await ended
    return { events: lines.map(({ text }) => JSON.parse(text) as Seen), log: log.lines.join('\n'), began: began ?? 0 }
  }
  return { state, clock, run }
}

/** Sets the clock at 5.5 s, and lets the time service know a little later. */
function timeComes({ state, clock }: Pick<Awaited<ReturnType<typeof sensor>>, 'state' | 'clock'>, ahead_ms = AHEAD_MS) {
  let set = false
  return (uptime_ms: number) => {
    if (uptime_ms >= 5500 && !set) {
      clock.set(ahead_ms)
      set = true
    }
    if (uptime_ms >= 7200) state.service = 'yes'
  }
}

const recorded = (n: number) => new Date(RECORDED_MS + n * 1000).toISOString().replace('Z', '000000Z')
const right = (n: number) => new Date(RECORDED_MS + n * 1000 + Math.floor(AHEAD_MS)).toISOString().replace('Z', '250000Z')
const times = (events: readonly Seen[]) => events.map((event) => event['@timestamp'])
const all = (count: number, time: (n: number) => string) => Array.from({ length: count }, (_, n) => time(n))

test('reading waits for the clock; what was recorded before gets right times, what came after the jump keeps its own, and ids stay', async () => {
  const pi = await sensor()
  const { events, log, began } = await pi.run(12, timeComes(pi))
  assert.ok(began >= 7200)
  // The jump is seen within a second.
  assert.deepEqual(times(events.slice(0, 6)), all(6, right))
  assert.deepEqual(times(events.slice(7)), all(12, recorded).slice(7))
  assert.deepEqual(events[0].event.clock, { offset_ns: -86_400_000_250_000 })
  assert.equal(events[11].event.clock, undefined)
  assert.match(log, /info input count: the clock is not synced; reading waits/)
  assert.match(log, /info clock: was set 86400\.000 s ahead/)
  const plain = await (await sensor()).run(12, () => undefined, { clock_wait_ms: 0 })
  assert.deepEqual(times(plain.events), all(12, recorded))
  // Another sensor's id, but the same recorded time, which comes first.
  assert.deepEqual(
    events.map(({ event }) => event.id.slice(0, 10)),
    plain.events.map(({ event }) => event.id.slice(0, 10)),
  )
})

test('the jump is kept for the boot: a restart reads on at once, and corrects what is of this boot', async () => {
  const pi = await sensor()
  await pi.run(0, timeComes(pi))
  const { events, log } = await pi.run(4, () => undefined)
  assert.deepEqual(times(events), all(4, right))
  assert.doesNotMatch(log, /waits/)
  pi.state.boot = 'second'
  const { events: later } = await pi.run(6, () => undefined)
  assert.deepEqual(times(later), all(6, recorded).slice(4))
})

for (const replayable of [true, false])
  test(`streams known before the boot are of an earlier one ${replayable ? 'and keep their times' : 'only where they can be read again'}`, async () => {
    const pi = await sensor()
    await pi.run(2, () => undefined, { clock_wait_ms: 0 })
    const { events } = await pi.run(4, timeComes(pi), { replayable })
    assert.deepEqual(times(events), all(4, replayable ? recorded : right).slice(2))
  })

test('a clock that is not set waits no longer than asked, from the boot on, and a synced one not at all', async () => {
  const never = await sensor(20_000)
  const { events, log, began } = await never.run(3, () => undefined)
  assert.ok(began >= 60_000 && began < 61_000)
  assert.deepEqual(times(events), all(3, recorded))
  assert.match(log, /warn input count: the clock is still not synced; times stay as they were recorded/)
  for (const [service, uptime_ms, boot] of [
    ['yes', 1000, 'first'],
    ['no', 61_000, 'first'],
    ['no', 1000, ''],
  ] as const) {
    const pi = await sensor(uptime_ms)
    Object.assign(pi.state, { service, boot })
    const { events, began, log } = await pi.run(3, () => undefined)
    assert.ok(began < uptime_ms + 1000)
    assert.deepEqual(times(events), all(3, recorded))
    assert.equal(/boots cannot be told apart/.test(log), boot === '')
  }
})

for (const ahead_ms of [-3_600_000, 500])
  test(`a clock that is set ${ahead_ms} ms ahead changes no times`, async () => {
    const pi = await sensor()
    const { events, began } = await pi.run(8, timeComes(pi, ahead_ms))
    assert.ok(began >= 7200 && began < 20_000)
    assert.deepEqual(times(events), all(8, recorded))
  })

test('without the word of a time service a jump is believed', async () => {
  const pi = await sensor()
  pi.state.service = ''
  let set = false
  const { events, began } = await pi.run(4, (uptime_ms) => {
    if (uptime_ms < 5500 || set) return
    set = true
    pi.clock.set(AHEAD_MS)
  })
  assert.ok(began >= 5500 && began < 20_000)
  assert.deepEqual(times(events), all(4, right))
})
