/**
 * A connection to gpsd that comes back: what it reports is published with the time by this machine's clock at which it came, since that is the clock which
 * captures are timed with; a receiver's own time may be of another day, as in a replay.
 */
import { connect } from 'node:net'
import { backoffMs } from '../../../../core/net/backoff.ts'
import type { FeedContext } from '../../../../core/plugin.ts'
import { FIX } from '../fix.ts'
import { Plausible } from '../plausible.ts'
import { readReport } from '../report.ts'

const WATCH = '?WATCH={"enable":true,"json":true};\n'
const RETRY = { initial_ms: 500, max_ms: 5000 }
/** A receiver with power reports every second; after so long the connection is taken for dead. */
const SILENT_MS = 30_000
/** Longer lines are not gpsd's. */
const LONGEST = 65_536

export interface GpsdOptions {
  readonly host: string
  readonly port: number
  readonly max_speed: number
}

/** Runs until the signal. */
export async function followGpsd({ host, port, max_speed }: GpsdOptions, context: FeedContext): Promise<void> {
  const { name, signal, log, clock } = context
  const where = `filter ${name}: gpsd at ${host}:${port}`
  const plausible = new Plausible(max_speed)
  const problems = new Once((words) => log.warn(`${where}: ${words}`))
  let lastTime: string | undefined
  let lost = false
  let failures = 0

  const line = (text: string): void => {
    let report: ReturnType<typeof readReport>
    try {
      report = readReport(text)
    } catch {
      return problems.say('a line that is no JSON was left out')
    }
    // The same fix again: the receiver has stopped.
    if (!report || (report.time !== undefined && report.time === lastTime)) return
    lastTime = report.time
    const at_ms = clock.now()
    if (!plausible.take(at_ms, report.fix[FIX.lat], report.fix[FIX.lon]))
      return problems.say('a position that cannot be reached since the last one was left out')
    if (lost) log.info(`${where} is there again`)
    lost = false
    failures = 0
    context.publish(at_ms, report.fix)
  }

  while (!signal.aborted) {
    const reason = await session(host, port, signal, line)
    if (signal.aborted) return
    if (!lost) log.warn(`${where}: ${reason}; positions become stale until it is there again`)
    lost = true
    await clock.sleep(backoffMs(RETRY, ++failures, Math.random()), signal)
  }
}

/** One connection; resolves with why it ended. */
function session(host: string, port: number, signal: AbortSignal, line: (text: string) => void): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect({ host, port })
    const end = (reason: string) => {
      signal.removeEventListener('abort', stop)
      socket.destroy()
      resolve(reason)
    }
    const stop = () => end('stopped')
    signal.addEventListener('abort', stop)
    let rest = ''
    socket.setEncoding('utf8')
    socket.setTimeout(SILENT_MS, () => end(`nothing for ${SILENT_MS / 1000} s`))
    socket.on('connect', () => socket.write(WATCH))
    socket.on('data', (text: string) => {
      const lines = (rest + text).split('\n')
      rest = lines.pop()!
      if (rest.length > LONGEST) return end('a line without end')
      for (const one of lines) if (one.trim() !== '') line(one)
    })
    socket.on('error', (error: NodeJS.ErrnoException) => end(error.code ?? error.message))
    socket.on('close', () => end('the connection was closed'))
  })
}

/** Says each thing once. */
class Once {
  readonly #said = new Set<string>()
  readonly #write: (words: string) => void

  constructor(write: (words: string) => void) {
    this.#write = write
  }

  say(words: string): void {
    if (!this.#said.has(words)) this.#write(words)
    this.#said.add(words)
  }
}
