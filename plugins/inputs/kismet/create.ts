/** The main half: connects, again and again, and hands over what has come in. */
import { backoffMs } from '../../../core/net/backoff.ts'
import { TLS_DEFAULT, tlsOptions } from '../../../core/net/tls.ts'
import type { Batch, Input, InputContext } from '../../../core/plugin.ts'
import { Backlog, RECORDS } from './backlog.ts'
import type { KismetConfig } from './config.ts'
import { Cursor, readPlace } from './cursor.ts'
import { firstWord } from './detect.ts'
import { Intake } from './intake.ts'
import { readLegacy } from './legacy/client.ts'
import type { Wanted } from './legacy/subscription.ts'
import type { Source } from './records.ts'
import { Sensor } from './sensor.ts'

/** Sockets stand still beyond that. */
const BACKLOG_BYTES = 8 * 1024 * 1024
const DEFAULT_PORT = 2501
/** A legacy server greets at once; a busy small one takes a while. */
const GREETING_MS = 3000
const PATIENT_GREETING_MS = 10_000
const RETRY = { initial_ms: 1000, max_ms: 60_000 }

export class KismetInput implements Input {
  readonly #config: KismetConfig
  readonly #context: InputContext
  readonly #host: string
  readonly #port: number
  readonly #address: string
  /** What answers there; undefined before anything has. */
  #known: Source['generation']

  /** @throws Error for options that do not go together */
  constructor(config: KismetConfig, context: InputContext) {
    const { address, generation, frames, https, records, tls } = config
    if (generation === 'legacy' && frames !== 'none') throw new Error('a legacy Kismet does not send frames: leave out frames, or generation: legacy')
    if (generation === 'legacy' && https) throw new Error('the legacy protocol knows no TLS: leave out https, or generation: legacy')
    if (tls && !https) throw new Error('tls is for https: add https: true')
    if (!records && frames === 'none') throw new Error('with records: false and without frames there is nothing to read')
    this.#config = config
    this.#context = context
    const [, host, port] = /^(\[.*\]|[^:]*)(?::(\d+))?$/.exec(address) ?? []
    this.#host = host.replace(/^\[|\]$/g, '')
    this.#port = port === undefined ? DEFAULT_PORT : Number(port)
    this.#address = `${host}:${this.#port}`
  }

  async *read(): AsyncGenerator<Batch, void, void> {
    const { signal } = this.#context
    const over = new AbortController()
    const stop = () => over.abort()
    signal.addEventListener('abort', stop)
    if (signal.aborted) stop()
    const place = readPlace(this.#context.position(RECORDS))
    const backlog = new Backlog(BACKLOG_BYTES, new Cursor(place))
    const intake = new Intake(backlog, place)
    const work = [
      ...(this.#config.records ? [this.#records(intake, over.signal)] : []),
      ...(this.#config.frames === 'none' ? [] : [this.#frames(intake, over.signal)]),
    ]
    const all = Promise.all(work).finally(() => backlog.end())
    // Looked at when the backlog is empty; until then a failure must not be nobody's.
    all.catch(() => over.abort())
    try {
      for (;;) {
        const batch = await backlog.take()
        if (!batch) break
        yield batch
        // Where batches are decoded on this thread, sockets are read in between: one batch for whatever has come in.
        await new Promise<void>((resolve) => setImmediate(resolve))
      }
      await all
    } finally {
      over.abort()
      signal.removeEventListener('abort', stop)
      await all.catch(() => undefined)
    }
  }

  /** Records, over one connection after the other. */
  async #records(intake: Intake, signal: AbortSignal): Promise<void> {
    const { clock, log, once } = this.#context
    let failures = 0
    let said = ''
    while (!signal.aborted) {
      const sensors: Sensor[] = []
      let reason: string | undefined
      try {
        reason = await this.#contact(intake, signal, (sensor) => sensors.push(sensor))
      } catch (error) {
        reason = (error as Error).message
      }
      if (signal.aborted) return
      if (once) {
        if (reason !== undefined) log.error(`Kismet at ${this.#address}: ${reason}`)
        return
      }
      const words = reason ?? 'the connection ended'
      const reached = sensors.some(({ isOnline }) => isOnline)
      failures = reached ? 1 : failures + 1
      // An outage is said once, however long it lasts.
      if (reached || failures === 1) (sensors.at(-1) ?? this.#sensor(intake, this.#known)).offline(words)
      if (!reached && sensors.length > 0) this.#known = undefined
      if (words !== said || reached) log.warn(`Kismet at ${this.#address}: ${words}`)
      said = words
      await clock.sleep(backoffMs(RETRY, failures, Math.random()), signal)
    }
  }

  #sensor(intake: Intake, known: Source['generation']): Sensor {
    const { clock } = this.#context
    const generation = known ?? (this.#config.generation === 'auto' ? undefined : this.#config.generation)
    return new Sensor({ address: this.#address, generation, silent_s: this.#config.silent_s, intake, clock })
  }

  /** @returns why it ended; undefined when all that was wanted has been read */
  async #contact(intake: Intake, signal: AbortSignal, made: (sensor: Sensor) => void): Promise<string | undefined> {
    const { generation, https, sentences } = this.#config
    const { clock, log, once, max_record_bytes } = this.#context
    const common = {
      address: this.#address,
      intake,
      once,
      clock,
      log,
      signal,
      skipped: (bytes: number, reason: string) => this.#skipped(RECORDS, 0, bytes, reason),
    }
    // Which it was is remembered, so that a modern one is not waited for to speak each time.
    if (generation !== 'modern' && !https && this.#known !== 'modern') {
      const wait_ms = generation === 'legacy' ? PATIENT_GREETING_MS : GREETING_MS
      const answer = await firstWord({ host: this.#host, port: this.#port, wait_ms, clock, signal })
      if (answer) {
        const sensor = this.#sensor(intake, (this.#known = 'legacy'))
        made(sensor)
        return readLegacy(answer.socket, answer.first, { ...common, sensor, wanted: sentences as Wanted | undefined, maxLine: max_record_bytes })
      }
      if (generation === 'legacy') return 'no greeting: it is not a legacy Kismet'
    }
    const { readModern } = await import('./modern/client.ts')
    const http = await this.#http(signal)
    const sensor = this.#sensor(intake, (this.#known = 'modern'))
    made(sensor)
    try {
      return await readModern({ ...common, http, sensor, longest: max_record_bytes })
    } finally {
      await http.close()
    }
  }

  async #http(signal: AbortSignal) {
    const { Http } = await import('./modern/http.ts')
    const { https, uri_prefix, token, user, password } = this.#config
    const tls = https ? await tlsOptions(this.#config.tls ?? TLS_DEFAULT, this.#host, this.#port) : undefined
    return new Http({ address: this.#address, tls, uri_prefix, token, user, password, longest: this.#context.max_record_bytes, signal })
  }

  /** Frames, over one stream after the other. What was sent in between is missing. */
  async #frames(intake: Intake, signal: AbortSignal): Promise<void> {
    const { clock, log, max_record_bytes } = this.#context
    const { FRAMES, readFrames } = await import('./modern/frames.ts')
    const sensor = this.#sensor(intake, 'modern')
    let last = Number(this.#context.position(FRAMES)?.seconds) || 0
    for (let failures = 1; !signal.aborted; failures++) {
      let first = true
      let reason = 'the stream ended'
      const http = await this.#http(signal)
      const heard = (seconds: number) => {
        if (first && last > 0) sensor.gap(FRAMES, last, Math.max(last, seconds), 'nobody was reading; Kismet sends frames from the request on')
        first = false
        failures = 0
        last = seconds
      }
      const skipped = (offset: number, bytes: number, why: string) => this.#skipped(FRAMES, offset, bytes, why)
      try {
        await readFrames({ http, frames: this.#config.frames, longest: max_record_bytes, backlog: intake.backlog, skipped, heard, signal })
      } catch (error) {
        reason = (error as Error).message
      } finally {
        await http.close()
      }
      if (signal.aborted) return
      if (failures < 2) log.warn(`Kismet at ${this.#address}: frames: ${reason}`)
      await clock.sleep(backoffMs(RETRY, failures + 1, Math.random()), signal)
    }
  }

  #skipped(stream: string, offset: number, bytes: number, reason: string): void {
    this.#context.skipped(stream, offset, bytes, reason)
  }
}
