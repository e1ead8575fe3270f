/**
 * `node dist/test/integration/gpsd.js`: a real gpsd, which gpsfake (Debian's gpsd-clients) drives along a track, is killed and started again while frames
 * are shipped. Every position must be that of a fix of about the frame's own time; without gpsd positions must become stale, then absent, then come back.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { setMaxListeners } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { ended, program } from '../program.ts'

const STALE_MS = 2000
const MAX_AGE_MS = 5000
/** What a busy machine may add between gpsd's word to us and to Wherry. */
const SLACK_MS = 700

/** NMEA of a sensor that goes north by about 11 m a second. */
function track(seconds: number): string {
  const sentence = (text: string) =>
    `$${text}*${[...text]
      .reduce((sum, char) => sum ^ char.charCodeAt(0), 0)
      .toString(16)
      .toUpperCase()
      .padStart(2, '0')}\r\n`
  const degrees = (value: number, width: number) =>
    `${String(Math.floor(value)).padStart(width, '0')}${((value % 1) * 60).toFixed(4).padStart(7, '0')}`
  let text = '# Date: 2026-11-25\n'
  for (let i = 0; i < seconds; i++) {
    const time = `10${String(Math.floor(i / 60) % 60).padStart(2, '0')}${String(i % 60).padStart(2, '0')}.00`
    const place = `${degrees(52 + i * 0.0001, 2)},N,${degrees(4.3, 3)},E`
    text += sentence(`GPRMC,${time},A,${place},21.0,0.0,251126,,,A`)
    text += sentence(`GPGGA,${time},${place},1,08,1.0,5.0,M,45.0,M,,`)
    text += sentence('GPGSA,A,3,01,02,03,04,05,06,07,08,,,,,1.5,1.0,1.1')
  }
  return text
}

interface Fix {
  readonly at_ms: number
  readonly lat: number
}

/** Hears gpsd as Wherry does. */
function listen(port: number, fixes: Fix[], stop: AbortSignal): void {
  const socket = connect(port, '127.0.0.1')
  let rest = ''
  socket.on('connect', () => socket.write('?WATCH={"enable":true,"json":true};\n'))
  socket.setEncoding('utf8').on('data', (text: string) => {
    const lines = (rest + text).split('\n')
    rest = lines.pop()!
    for (const line of lines) {
      const said = JSON.parse(line) as { class: string; lat?: number }
      if (said.class === 'TPV' && said.lat !== undefined) fixes.push({ at_ms: Date.now(), lat: said.lat })
    }
  })
  const again = () => {
    socket.destroy()
    if (!stop.aborted) setTimeout(() => !stop.aborted && listen(port, fixes, stop), 100)
  }
  socket.on('error', () => undefined).on('close', again)
  stop.addEventListener('abort', () => socket.destroy(), { once: true })
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number }
      server.close(() => resolve(port))
    })
  })
}

function fake(file: string, port: number): ChildProcess {
  return spawn('gpsfake', ['-c', '0.2', '-P', String(port), '-n', '-q', file], { stdio: 'ignore' })
}

/** Ends gpsfake and the gpsd that it started, at once. */
function kill(process_: ChildProcess): void {
  const children = readFileSync(`/proc/${process_.pid}/task/${process_.pid}/children`, 'utf8').trim()
  for (const child of children === '' ? [] : children.split(' ')) process.kill(Number(child), 'SIGKILL')
  process_.kill('SIGKILL')
}

interface Line {
  readonly '@timestamp': string
  readonly observer: { readonly geo?: { readonly location: { readonly lat: number }; readonly age_ms: number; readonly stale?: boolean } }
}

async function until(what: string, done: () => boolean): Promise<void> {
  for (let i = 0; i < 300; i++) {
    if (done()) return
    await sleep(100)
  }
  throw new Error(`waited in vain for ${what}`)
}

const folder = mkdtempSync(join(tmpdir(), 'wherry-gpsd-'))
const stop = new AbortController()
setMaxListeners(0, stop.signal)
const fixes: Fix[] = []
let gps: ChildProcess | undefined
let wherry: ChildProcess | undefined
let wrong: string[] = []
try {
  const port = await freePort()
  writeFileSync(join(folder, 'track.nmea'), track(600))
  const position = { from: 'gpsd', gpsd: `127.0.0.1:${port}`, stale_after_ms: STALE_MS, max_age_ms: MAX_AGE_MS }
  writeFileSync(
    join(folder, 'shipper.yml'),
    JSON.stringify({
      shipper: { name: 'car', data_dir: join(folder, 'data') },
      inputs: { air: { plugin: 'generate', rate: 100 } },
      filters: { decode: { plugin: 'ieee80211' }, where: { plugin: 'geo', position } },
      outputs: { all: { plugin: 'file', path: join(folder, 'out.ndjson'), linger_ms: 0 } },
      routes: [{ from: 'air', through: ['decode', 'where'], to: 'all' }],
    }),
  )
  gps = fake(join(folder, 'track.nmea'), port)
  listen(port, fixes, stop.signal)
  await until('gpsd', () => fixes.length > 2)
  wherry = spawn(process.execPath, [program, 'run', '-c', join(folder, 'shipper.yml')], { stdio: ['ignore', 'ignore', 'inherit'] })
  const read = () => {
    try {
      return readFileSync(join(folder, 'out.ndjson'), 'utf8')
    } catch {
      return ''
    }
  }
  await until('the first events', () => read().includes('"location"'))
  await sleep(6000)
  const killed = Date.now()
  kill(gps)
  await sleep(MAX_AGE_MS + 4000)
  const restarted = Date.now()
  gps = fake(join(folder, 'track.nmea'), port)
  await until('gpsd again', () => fixes.at(-1)!.at_ms > restarted)
  const back = fixes.find(({ at_ms }) => at_ms > restarted)!.at_ms
  await until('positions again', () => read().slice(-20_000).includes('"location"'))
  await sleep(3000)
  wherry.kill('SIGTERM')
  await ended(wherry)
  wrong = check(
    read()
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Line),
    { killed, restarted, back },
  )
} catch (error) {
  wrong = [(error as Error).message]
} finally {
  stop.abort()
  if (gps?.exitCode === null && gps.signalCode === null) kill(gps)
  if (wherry?.exitCode === null) wherry.kill('SIGKILL')
  rmSync(folder, { recursive: true })
}

function check(events: readonly Line[], { killed, restarted, back }: { killed: number; restarted: number; back: number }): string[] {
  const found: string[] = []
  const timeOf = (line: Line) => Date.parse(`${line['@timestamp'].slice(0, 23)}Z`)
  const first = timeOf(events.find(({ observer }) => observer.geo)!)
  const counts = { fresh: 0, stale: 0, none: 0, again: 0 }
  for (const event of events) {
    const { '@timestamp': time } = event
    const { geo } = event.observer
    const at = timeOf(event)
    if (!geo) {
      counts.none++
      // Before Wherry's first fix and while gpsd is away, nothing is right.
      if (at > first && at < killed + MAX_AGE_MS - SLACK_MS) found.push(`no position at ${time}`)
      continue
    }
    if (geo.age_ms > MAX_AGE_MS) found.push(`a fix of ${geo.age_ms} ms at ${time}`)
    if ((geo.stale === true) !== geo.age_ms > STALE_MS) found.push(`stale is ${geo.stale} at ${geo.age_ms} ms`)
    const near = fixes.some((fix) => Math.abs(fix.lat - geo.location.lat) < 1e-7 && Math.abs(Math.abs(at - fix.at_ms) - geo.age_ms) < SLACK_MS)
    if (!near) found.push(`${geo.location.lat} of ${geo.age_ms} ms at ${time} is no fix of then`)
    if (at > killed + MAX_AGE_MS + SLACK_MS && at < restarted - MAX_AGE_MS) found.push(`a position without gpsd at ${time}`)
    if (geo.stale) counts.stale++
    else counts.fresh++
    if (at > back) counts.again++
  }
  console.log(
    `gpsd: ${events.length} events: ${counts.fresh} with a fix, ${counts.stale} with a stale one, ${counts.none} without, ${counts.again} after the restart; ${fixes.length} fixes`,
  )
  for (const [kind, count] of Object.entries(counts)) if (count === 0) found.push(`no event is ${kind}`)
  return found
}

for (const words of wrong.slice(0, 10)) console.log(words)
console.log(wrong.length === 0 ? '1 passed, 0 failed' : '0 passed, 1 failed')
process.exitCode = wrong.length === 0 ? 0 : 1
