/**
 * One connection to a legacy server: greeting, capabilities, subscriptions, then lines until it ends.
 *
 * The snapshot that follows ENABLE comes before its ACK; when all are acknowledged, everything that was missed has been read as far as the server has it.
 */
import type { Socket } from 'node:net'
import type { Clock, Log } from '../../../../core/plugin.ts'
import type { Intake } from '../intake.ts'
import type { Source } from '../records.ts'
import type { Sensor } from '../sensor.ts'
import { LineIntake } from './intake.ts'
import { readLines } from './lines.ts'
import { MANDATORY } from './sentences.ts'
import { fieldsOf, leftOut, sentencesOf, type Wanted } from './subscription.ts'
import { tokenise } from './tokenise.ts'

const NAME = /^\*([\w-]+):/
const LONGEST_NAME = 64
/** TIME comes every second; no line for so long is a dead link. */
const DEAD_MS = 10_000
/** Greeting and capabilities of a busy server. Snapshots take as long as the link needs. */
const SETUP_MS = 60_000
/** The server keeps so many lines for each client, then drops. */
const KEPT_LINES = 5000
/** So many TIMEs behind ENABLE without its ACK: the queue was full, and whatever came next was dropped, ACK and TIME too. */
const LOST_TIMES = 5
/** Standing still for so long may have cost lines whatever the rate was: it is pushed in bursts. */
const HELD_MS = 1000

export interface LegacyOptions {
  readonly address: string
  readonly wanted: Wanted | undefined
  readonly once: boolean
  readonly maxLine: number
  readonly intake: Intake
  readonly sensor: Sensor
  readonly clock: Clock
  readonly log: Log
  readonly skipped: (bytes: number, reason: string) => void
  readonly signal: AbortSignal
}

/**
 * Reads until the connection ends, or with `once` until the snapshot is complete.
 * @param first what the socket has given already
 * @returns why it ended; undefined when all that was wanted has been read
 */
export function readLegacy(socket: Socket, first: Buffer, options: LegacyOptions): Promise<string | undefined> {
  return new Client(socket, options).run(first)
}

class Client {
  readonly #socket: Socket
  readonly #options: LegacyOptions
  readonly #over = new AbortController()
  #reason: string | undefined = 'the connection is closed'
  #resolve: () => void = () => {}
  #heard: number
  readonly #began: number
  /** Lines since the last TIME, and how many came in a second lately. */
  #count = 0
  #rate = 0
  #held: { since: number; at: number } | undefined
  #lastWords: string | undefined

  #start = 0
  #name = ''
  #offered: readonly string[] | undefined
  #capabilities = new Map<string, readonly string[]>()
  /** What each command that is not answered yet is for. */
  readonly #pending = new Map<string, { command: 'capability' | 'enable'; name: string }>()
  #command = 0
  #toEnable: string[] = []
  #enabling: { readonly name: string; readonly id: string; times: number } | undefined
  /** Sentences whose snapshot was longer than the server's queue. */
  #lost: string[] = []
  #fields: Record<string, readonly string[]> = {}
  #lines: LineIntake | undefined
  #complete = false
  /** The server's clock as this connection has told it; 0 before. */
  #now = 0

  constructor(socket: Socket, options: LegacyOptions) {
    this.#socket = socket
    this.#options = options
    this.#heard = this.#began = options.clock.monotonic()
  }

  async run(first: Buffer): Promise<string | undefined> {
    const { signal, maxLine } = this.#options
    const ended = new Promise<void>((resolve) => (this.#resolve = resolve))
    const stop = () => this.#end('stopped')
    signal.addEventListener('abort', stop)
    readLines(this.#socket, maxLine, {
      line: (bytes, from, to) => this.#line(bytes, from, to),
      long: (bytes) => this.#options.skipped(bytes, 'longer than max_record_bytes'),
      piece: () => this.#piece(),
      closed: (reason) => this.#end(this.#lastWords ?? reason),
    })
    this.#socket.emit('data', first)
    this.#socket.resume()
    void this.#watch()
    if (signal.aborted) stop()
    await ended
    signal.removeEventListener('abort', stop)
    return this.#reason
  }

  #end(reason: string | undefined): void {
    if (this.#over.signal.aborted) return
    this.#reason = reason
    this.#over.abort()
    this.#socket.destroy()
    this.#resolve()
  }

  /** Looks once a second whether the link is alive. */
  async #watch(): Promise<void> {
    const { clock, sensor } = this.#options
    const { signal } = this.#over
    while (!signal.aborted) {
      await clock.sleep(1000, signal)
      // A busy process wakes late: what has come in meanwhile is read before the link is called dead.
      await new Promise<void>((resolve) => setImmediate(resolve))
      if (signal.aborted || this.#held) continue
      const now = clock.monotonic()
      if (now - this.#heard > DEAD_MS) this.#end(`no line for ${Math.round((now - this.#heard) / 1000)} s`)
      else if (!this.#lines && now - this.#began > SETUP_MS) this.#end(`Kismet has not said in ${SETUP_MS / 1000} s what it can send`)
      else if (this.#complete) sensor.look()
    }
  }

  /** After each piece: stand still while the backlog is full. */
  #piece(): void {
    const { intake, clock } = this.#options
    this.#heard = clock.monotonic()
    if (!intake.backlog.full || this.#held || this.#over.signal.aborted) return
    this.#held = { since: this.#heard, at: intake.now }
    this.#socket.pause()
    intake.backlog.whenRoom(() => this.#resume())
  }

  #resume(): void {
    const held = this.#held
    const { clock, intake, sensor, log } = this.#options
    this.#held = undefined
    if (!held || this.#over.signal.aborted) return
    this.#heard = clock.monotonic()
    this.#socket.resume()
    const stood = Math.round((this.#heard - held.since) / 1000)
    const waiting = (this.#rate * (this.#heard - held.since)) / 1000
    if (this.#heard - held.since < HELD_MS && waiting < KEPT_LINES) return
    log.warn(`Kismet at ${this.#options.address} was not read for ${stood} s, because outputs are behind; it drops what is over ${KEPT_LINES} lines`)
    sensor.gap('records', held.at, held.at + Math.max(1, stood), `outputs were behind; Kismet drops what is over ${KEPT_LINES} lines of a client`)
    // Everything is being asked for already.
    if (!this.#complete) return
    // What was dropped in between is gone, but the last state of everything is not.
    intake.begin(intake.source as Source, this.#asked)
    this.#complete = false
    this.#enableAll()
  }

  #line(bytes: Buffer, from: number, to: number): void {
    if (this.#over.signal.aborted) return
    this.#count++
    const asked = this.#lines?.line(bytes, from, to)
    if (asked) return this.#options.sensor.line(asked.name, bytes, from, to, asked.fields)
    if (from === to) return
    const [, name] = NAME.exec(bytes.toString('latin1', from, Math.min(to, from + LONGEST_NAME))) ?? []
    if (name === undefined) {
      if (this.#start === 0) this.#end('what answers there speaks first, but not as Kismet does')
      else this.#lines?.garbage(bytes, from, to)
    } else if (MANDATORY.has(name)) this.#control(name, bytes.toString('latin1', from, to))
  }

  /** Sentences of the protocol itself. */
  #control(name: string, line: string): void {
    switch (name) {
      case 'TIME':
        return this.#time(Number(line.slice('*TIME: '.length)))
      case 'KISMET':
      case 'PROTOCOLS':
        return this.#greeting(line)
      case 'CAPABILITY':
        return this.#capability(line)
      case 'ACK':
      case 'ERROR':
        return this.#answer(line)
      case 'TERMINATE':
        this.#lastWords = line.slice('*TERMINATE: '.length).trim() || 'Kismet is terminating'
    }
  }

  #time(now: number): void {
    if (!Number.isSafeInteger(now)) return
    if (this.#now > 0 && now > this.#now) {
      this.#rate = Math.max(this.#count / (now - this.#now), this.#rate / 2)
      this.#count = 0
    }
    // Before it is known whose it is, it must not move the cursor of the run before.
    this.#lines?.tick(now)
    this.#now = now
    if (this.#complete) this.#caughtUp()
    this.#lines?.timePassed()
    this.#unanswered()
  }

  #greeting(line: string): void {
    const sentence = tokenise(line)
    if (!sentence || this.#offered) return
    if (sentence.name === 'KISMET') {
      this.#start = Number(sentence.fields[1])
      this.#name = sentence.fields[2] ?? ''
      if (!Number.isSafeInteger(this.#start) || this.#start <= 0) this.#end('the greeting has no start time')
      return
    }
    if (this.#start === 0) return this.#end('PROTOCOLS came before the greeting')
    this.#offered = (sentence.fields[0] ?? '').split(',').map((one) => one.trim().toUpperCase())
    if (this.#offered.includes('NETWORK')) return this.#end('this Kismet is older than 2009, its protocol is another one')
    const names = sentencesOf(this.#offered, this.#options.wanted)
    const missing = Object.keys(this.#options.wanted ?? {}).filter((wanted) => !this.#offered?.includes(wanted.toUpperCase()))
    if (missing.length > 0)
      this.#options.log.warn(`Kismet at ${this.#options.address} has no sentence ${missing.join(', ')}; it has ${this.#offered.join(', ')}`)
    for (const name of names) this.#send('capability', name, `CAPABILITY ${name}`)
    if (names.length === 0) this.#subscribe()
  }

  #send(command: 'capability' | 'enable', name: string, words: string): void {
    const id = String(++this.#command)
    this.#pending.set(id, { command, name })
    this.#socket.write(`!${id} ${words}\n`)
  }

  #capability(line: string): void {
    const [name, list] = tokenise(line)?.fields ?? []
    if (name && list)
      this.#capabilities.set(
        name.toUpperCase(),
        list.split(',').filter((field) => field !== ''),
      )
  }

  #answer(line: string): void {
    const sentence = tokenise(line)
    const [id, text = ''] = sentence?.fields ?? []
    const pending = this.#pending.get(id)
    if (!pending) return
    this.#pending.delete(id)
    const { command, name } = pending
    const failed = sentence?.name === 'ERROR'
    if (failed) this.#options.log.warn(`Kismet at ${this.#options.address}: ${command} ${name}: ${text}`)
    if (command === 'enable') {
      if (failed) delete this.#fields[name]
      this.#enabled(name)
    } else if (this.#pending.size === 0) this.#subscribe()
  }

  /** All capabilities are known. */
  #subscribe(): void {
    const { intake, address, wanted, sensor, log } = this.#options
    for (const [name, offered] of this.#capabilities) {
      const fields = fieldsOf(name, offered, wanted)
      if (fields.length > 0) this.#fields[name] = fields
      const { missing, broken } = leftOut(name, offered, wanted)
      if (missing.length > 0) log.warn(`Kismet at ${address}: ${name} has no field ${missing.join(', ')}; it has ${offered.join(', ')}`)
      if (broken.length > 0) log.warn(`Kismet at ${address}: ${name} is read without ${broken.join(', ')}, which the server writes wrong`)
    }
    const source: Source = { address, generation: 'legacy', start: this.#start, sentences: this.#fields }
    const last = intake.last
    const first = last === undefined || last.start !== this.#start
    intake.begin(source, this.#asked)
    // TIME may have come before it was known whose it is.
    intake.tick(Math.max(this.#start, this.#now))
    this.#lines = new LineIntake(intake, first)
    sensor.online({ name: this.#name, version: '', last })
    this.#enableAll()
  }

  /** One after the other: each has the server's whole queue for its snapshot. */
  #enableAll(): void {
    this.#toEnable = Object.keys(this.#fields)
    this.#enableNext()
  }

  #enableNext(): void {
    const name = this.#toEnable.shift()
    if (name === undefined) return this.#ready()
    this.#lines?.subscribe(name, this.#fields[name])
    this.#send('enable', name, `ENABLE ${name} ${this.#fields[name].join(',')}`)
    this.#enabling = { name, id: String(this.#command), times: 0 }
  }

  /** What follows of a sentence are changes. */
  #enabled(name: string): void {
    this.#enabling = undefined
    this.#lines?.acknowledged(name)
    this.#enableNext()
  }

  /** Lines come in the order they were made: had the answer not been dropped, it would have come before these TIMEs. */
  #unanswered(): void {
    const enabling = this.#enabling
    if (!enabling || ++enabling.times < LOST_TIMES) return
    const { name, id } = enabling
    this.#options.log.warn(`Kismet at ${this.#options.address} has more of ${name} than it can send at once; what is missing comes when it changes`)
    this.#pending.delete(id)
    this.#lost.push(name)
    this.#enabled(name)
  }

  get #asked(): string {
    return Object.keys(this.#fields).join()
  }

  #ready(): void {
    const { once, intake, sensor } = this.#options
    this.#complete = true
    this.#lines?.complete()
    if (this.#lost.length > 0) {
      const reason = `Kismet keeps ${KEPT_LINES} lines for a client, and dropped the rest of what it has of ${this.#lost.join(', ')}`
      sensor.gap('records', intake.last?.time || this.#start, Math.max(this.#start, this.#now), reason)
      this.#lost = []
    }
    // Until the server's clock is known nobody can say up to when something is missing.
    if (this.#now > 0 || once) this.#caughtUp()
    if (once) this.#end(undefined)
  }

  #caughtUp(): void {
    const { intake, sensor } = this.#options
    sensor.caughtUp('Kismet keeps only the last state of each record')
    intake.complete()
  }
}
