/**
 * One contact with a modern server: what it is, what was missed, then the websockets until one of them ends.
 *
 * The sockets are open before what was missed is asked for, so that nothing falls in between; what comes in meanwhile waits. The cursor moves again when
 * the first round of the device monitor is over, which holds every device: also those of lagging sources, which `last-time` does not see.
 */
import type { Clock, Log } from '../../../../core/plugin.ts'
import type { Intake } from '../intake.ts'
import type { Source } from '../records.ts'
import type { Sensor } from '../sensor.ts'
import { timeOf } from './decode.ts'
import { member, numberOf, textOf } from './find.ts'
import { type Http, StatusError } from './http.ts'
import { ObjectIntake } from './intake.ts'
import { askFor, DEVICE, SOURCE } from './names.ts'
import { FrameSocket } from './socket.ts'
import { TOPICS } from './topics.ts'

/** `last-time` compares with times of packets, which lag behind the clock: asked for so much more. */
const OVERLAP_S = 60
/** TIMESTAMP comes every second. */
const DEAD_MS = 10_000
const SOURCES_MS = 10_000
/** Where there are no websockets. */
const POLL_MS = 5000
/** After so long without a device the first round of the monitor is over, at its rate of one a second. */
const ROUND_MS = 3000
/** Alerts and messages that Kismet keeps; a list of so many may have begun earlier. */
const KEPT = 50
/** Of frames that wait while what was missed is read; beyond that the connection starts again. */
const MOST_HELD_BYTES = 8 * 1024 * 1024

const STATUS_FIELDS = ['timestamp.sec', 'timestamp.start_sec', 'devices.count', 'version', 'server_name'].map((name) => `kismet.system.${name}`)
const MONITORS = ['/devices/monitor.ws', '/devices/views/all/monitor.ws']

export interface ModernOptions {
  readonly address: string
  readonly http: Http
  readonly intake: Intake
  readonly sensor: Sensor
  readonly once: boolean
  readonly longest: number
  readonly clock: Clock
  readonly log: Log
  readonly skipped: (bytes: number, reason: string) => void
  readonly signal: AbortSignal
}

/** @returns why it ended; undefined when all that was wanted has been read */
export function readModern(options: ModernOptions): Promise<string | undefined> {
  return new Client(options).run()
}

class Client {
  readonly #options: ModernOptions
  readonly #objects: ObjectIntake
  readonly #over = new AbortController()
  #reason: string | undefined = 'stopped'
  #bus: FrameSocket | undefined
  #monitor: FrameSocket | undefined
  /** Frames of the bus that wait until what was missed has been read. */
  #waiting: Buffer[] | undefined = []
  #waitingBytes = 0
  #heard = 0
  /** Devices of the monitor's first round; undefined when it is over. */
  #round: Set<number> | undefined
  #devices = 0
  #lastDevice = 0
  /** Of the server, when this contact began. */
  #clock = 0
  #alert: number
  #message: number
  /** Server time of the last poll for devices. */
  #polled = 0
  #sourcesDue = 0
  /** What this release does not have, by the first part of the path. */
  readonly #without = new Set<string>()

  constructor(options: ModernOptions) {
    this.#options = options
    this.#objects = new ObjectIntake(options.intake, options.sensor)
    this.#alert = options.intake.alert
    this.#message = options.intake.message
  }

  async run(): Promise<string | undefined> {
    const { signal, clock } = this.#options
    const stop = () => this.#end('stopped')
    signal.addEventListener('abort', stop)
    if (signal.aborted) stop()
    try {
      await this.#begin()
      if (!this.#options.once) await this.#open()
      await this.#missed()
      if (this.#options.once) {
        this.#complete()
        return undefined
      }
      this.#heard = this.#lastDevice = clock.monotonic()
      this.#release()
      await this.#watch()
      return this.#reason
    } catch (error) {
      if (this.#over.signal.aborted) return this.#reason
      throw error
    } finally {
      this.#over.abort()
      this.#bus?.close()
      this.#monitor?.close()
      signal.removeEventListener('abort', stop)
    }
  }

  #end(reason: string): void {
    if (this.#over.signal.aborted) return
    this.#reason = reason
    this.#over.abort()
  }

  /** Who answers. */
  async #begin(): Promise<void> {
    const { http, intake, sensor, address } = this.#options
    const status = await http.object('/system/status.json', { fields: STATUS_FIELDS })
    const start = numberOf(member(status, 'kismet.system.timestamp.start_sec'))
    if (!(start > 0)) throw new Error('the status of Kismet has no start time')
    this.#devices = numberOf(member(status, 'kismet.system.devices.count')) || 0
    const { last } = intake
    const source: Source = { address, generation: 'modern', start: Math.floor(start), sentences: {} }
    intake.begin(source, Object.keys(TOPICS).join())
    if (last && last.start !== source.start) this.#alert = this.#message = 0
    const now = timeOf(status) ?? Math.floor(start)
    this.#clock = now
    intake.tick(now)
    this.#polled = last && last.start === source.start ? last.time : 0
    sensor.online({ name: textOf(member(status, 'kismet.system.server_name')), version: textOf(member(status, 'kismet.system.version')), last })
  }

  /** The websockets, where the server has them: since 2020. */
  async #open(): Promise<void> {
    this.#bus = await this.#socket(['/eventbus/events.ws'], (bytes) => this.#event(bytes))
    for (const [topic, fields] of Object.entries(TOPICS)) this.#bus?.send({ SUBSCRIBE: topic, ...(fields ? { fields } : {}) })
    this.#monitor = await this.#socket(MONITORS, (bytes) => this.#device(bytes))
    this.#round = this.#monitor ? new Set() : undefined
    this.#monitor?.send({ monitor: '*', request: 1, rate: 1, fields: askFor(DEVICE), format: 'json' })
  }

  async #socket(paths: readonly string[], frame: (bytes: Buffer) => void): Promise<FrameSocket | undefined> {
    const { http, intake, longest, clock, log, address } = this.#options
    for (const path of paths) {
      try {
        const sink = { frame, closed: (reason: string) => this.#end(reason) }
        const socket = await FrameSocket.open({ http, path, longest, backlog: intake.backlog, clock, sink })
        if (this.#over.signal.aborted) socket.close()
        return socket
      } catch (error) {
        // An old release has none (404); what a proxy says that lets none through is its own affair: what they tell is asked for instead.
        if (!(error instanceof StatusError) || error.status === 401 || error.status === 403) throw error
        log.info(`Kismet at ${address} has no websocket ${path} (${error.status})`)
      }
    }
    return undefined
  }

  #event(bytes: Buffer): void {
    this.#heard = this.#options.clock.monotonic()
    if (this.#waiting) {
      this.#waiting.push(bytes)
      this.#waitingBytes += bytes.length
      if (this.#waitingBytes > MOST_HELD_BYTES) this.#end('more came in than could wait while what was missed is read')
      return
    }
    this.#take(bytes)
  }

  #take(bytes: Buffer, listed?: Map<string, number>): void {
    const { topic, time } = this.#objects.bus(bytes, listed)
    const { intake } = this.#options
    if (topic === 'ALERT') intake.alert = Math.max(intake.alert, time)
    else if (topic === 'MESSAGE') intake.message = Math.max(intake.message, time)
    else if (topic.includes('DATASOURCE')) this.#sourcesDue = 0
  }

  #device(bytes: Buffer): void {
    const { clock } = this.#options
    this.#heard = this.#lastDevice = clock.monotonic()
    const key = this.#objects.device(bytes, this.#round !== undefined)
    if (key === undefined || !this.#round) return
    const again = this.#round.has(key)
    this.#round.add(key)
    if (again || this.#round.size >= this.#devices) this.#lastDevice = Number.NEGATIVE_INFINITY
  }

  /** What waited goes on, in order. Messages of it are in the list as well. */
  #release(): void {
    const waiting = this.#waiting ?? []
    this.#waiting = undefined
    const listed = new Map<string, number>()
    for (const bytes of waiting) this.#take(bytes, listed)
  }

  /** What happened while nobody was reading, as far as Kismet still has it. */
  async #missed(): Promise<void> {
    await this.#alerts()
    await this.#messages()
    await this.#sources()
    await this.#changes(true)
  }

  async #alerts(): Promise<void> {
    const { intake, sensor } = this.#options
    const since = this.#since(this.#alert)
    const seen: number[] = []
    await this.#list(`/alerts/last-time/${stamp(since)}/alerts.json`, undefined, (bytes) => seen.push(this.#objects.alert(bytes)))
    const oldest = Math.min(...seen.filter((time) => time > 0))
    if (this.#alert > 0 && seen.length >= KEPT && oldest > this.#alert)
      sensor.gap('alerts', this.#alert, oldest, `Kismet keeps the last ${seen.length} alerts only`)
    intake.alert = this.#alert = Math.max(this.#alert, intake.alert, ...seen)
  }

  async #messages(): Promise<void> {
    const { intake, sensor } = this.#options
    // Whole seconds, so that equal messages are counted from the first one.
    const since = this.#since(Math.floor(this.#message))
    const seen: number[] = []
    const listed = new Map<string, number>()
    await this.#list(`/messagebus/last-time/${since}/messages.json`, undefined, (bytes) => seen.push(this.#objects.message(bytes, listed)))
    const oldest = Math.min(...seen.filter((time) => time > 0))
    if (this.#message > 0 && seen.length >= KEPT && oldest > this.#message)
      sensor.gap('messages', this.#message, oldest, `Kismet keeps the last ${seen.length} messages only`)
    intake.message = this.#message = Math.max(this.#message, intake.message, ...seen)
  }

  async #sources(): Promise<void> {
    const { sensor, clock } = this.#options
    this.#sourcesDue = clock.monotonic() + SOURCES_MS
    let packets = 0
    await this.#list('/datasource/all_sources.json', { fields: askFor(SOURCE) }, (bytes) => {
      packets += this.#objects.source(bytes)
    })
    sensor.packets(packets)
  }

  /** Devices that changed since the last time. */
  async #changes(snapshot: boolean): Promise<void> {
    const { intake } = this.#options
    const since = Math.max(0, this.#polled - OVERLAP_S)
    const now = intake.now
    await this.#list(`/devices/last-time/${since}/devices.json`, { fields: askFor(DEVICE) }, (bytes) => void this.#objects.device(bytes, snapshot))
    this.#polled = now
  }

  /** From when on to ask; from the beginning when the server's clock was set back behind what was read. */
  #since(read: number): number {
    return read > this.#clock + OVERLAP_S ? 0 : Math.max(0, read - OVERLAP_S)
  }

  #list(path: string, fields: object | undefined, take: (bytes: Buffer) => void): Promise<void> {
    const { http, skipped, intake } = this.#options
    const long = (bytes: number) => skipped(bytes, 'longer than max_record_bytes')
    return this.#where(path, () => http.list(path, fields, take, long, () => intake.backlog.room(this.#over.signal)))
  }

  /** Not all releases have all there is to ask for: the rest is read. */
  async #where(path: string, ask: () => Promise<void>): Promise<void> {
    const { log, address } = this.#options
    try {
      await ask()
    } catch (error) {
      if (!(error instanceof StatusError) || error.status !== 404) throw error
      const [, kind] = path.split('/')
      if (!this.#without.has(kind)) log.warn(`Kismet at ${address}: ${error.message}`)
      this.#without.add(kind)
    }
  }

  #complete(): void {
    const { intake, sensor } = this.#options
    sensor.caughtUp('Kismet keeps only the last state of each device')
    intake.complete()
  }

  /** Once a second: whether the server lives, and what must be asked for. */
  async #watch(): Promise<void> {
    const { clock, sensor } = this.#options
    const { signal } = this.#over
    let done = false
    let pollDue = clock.monotonic() + POLL_MS
    while (!signal.aborted) {
      const now = clock.monotonic()
      if (!done && (!this.#round || now - this.#lastDevice > ROUND_MS)) {
        done = true
        this.#round = undefined
        this.#complete()
      }
      await clock.sleep(1000, signal)
      if (signal.aborted) return
      if (this.#bus?.held || this.#monitor?.held) this.#heard = clock.monotonic()
      if (this.#bus && clock.monotonic() - this.#heard > DEAD_MS) return this.#end(`nothing came for ${DEAD_MS / 1000} s`)
      if (clock.monotonic() >= this.#sourcesDue) await this.#sources()
      if (clock.monotonic() >= pollDue) {
        pollDue = clock.monotonic() + POLL_MS
        await this.#poll()
      }
      sensor.look()
    }
  }

  /** For what the server has no websocket. */
  async #poll(): Promise<void> {
    const { http, intake } = this.#options
    if (!this.#bus) {
      const status = await http.object('/system/timestamp.json')
      intake.tick(timeOf(status) ?? 0)
      await this.#where('/gps/location.json', async () => {
        const place = await http.object('/gps/location.json')
        this.#objects.bus(Buffer.from(JSON.stringify({ GPS_LOCATION: place })))
      })
      await this.#alerts()
      await this.#messages()
    }
    if (!this.#monitor) await this.#changes(false)
  }
}

/** SEC.USEC */
function stamp(seconds: number): string {
  return seconds.toFixed(6)
}
