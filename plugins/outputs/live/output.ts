/** The main thread's half: counts, and prints a line now and then. */
import type { Clock, Output } from '../../../core/plugin.ts'
import { type Heard, readHeard } from './heard.ts'

/** Addresses remembered of each kind; beyond, the count carries a plus sign. */
const MOST = 100_000

export interface LiveOptions {
  readonly interval_ms: number
  readonly clock: Clock
  readonly print: (line: string) => void
}

export function liveOutput({ interval_ms, clock, print }: LiveOptions): Output {
  const networks = new Set<number>()
  const clients = new Set<number>()
  const stop = new AbortController()
  let frames = 0
  let printed = 0
  let since = clock.monotonic()
  let strongest: Heard | undefined

  function hear(heard: Heard): void {
    frames++
    const { transmitter, bssid, signal } = heard
    if (transmitter === 0) return
    if (transmitter === bssid) {
      if (networks.size < MOST) networks.add(bssid)
      clients.delete(bssid)
      if (heard.ssid !== '' && signal !== undefined && signal > (strongest?.signal ?? Number.NEGATIVE_INFINITY)) strongest = heard
    } else if (!networks.has(transmitter) && clients.size < MOST) clients.add(transmitter)
  }

  function line(): string {
    const now = clock.monotonic()
    const rate = Math.round(((frames - printed) * 1000) / Math.max(1, now - since))
    const parts = [
      new Date(clock.now()).toISOString().slice(11, 19),
      `${count(rate)} frames/s`,
      plural(networks, 'network'),
      plural(clients, 'client'),
      `${count(frames)} delivered`,
    ]
    if (strongest)
      parts.push(`strongest ${JSON.stringify(strongest.ssid)}${strongest.channel ? ` channel ${strongest.channel}` : ''} ${strongest.signal} dBm`)
    printed = frames
    since = now
    strongest = undefined
    return `${parts.join('  ')}\n`
  }

  async function tick(): Promise<void> {
    while (!stop.signal.aborted) {
      await clock.sleep(interval_ms, stop.signal)
      if (!stop.signal.aborted) print(line())
    }
  }

  return {
    async open() {
      since = clock.monotonic()
      void tick()
    },
    async write({ body, ends }) {
      let start = 0
      for (const end of ends) {
        hear(readHeard(body.subarray(start, end)))
        start = end
      }
    },
    async close() {
      stop.abort()
      if (frames > printed) print(line())
    },
  }
}

function count(n: number): string {
  return n.toLocaleString('en-US')
}

function plural({ size }: ReadonlySet<number>, noun: string): string {
  return `${count(size)}${size === MOST ? '+' : ''} ${noun}${size === 1 ? '' : 's'}`
}
