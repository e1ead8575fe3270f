/** States of the sensor as events: whether Kismet answers, whether its sources work, whether frames come in, and what was missed. */
import type { Clock, Value } from '../../../core/plugin.ts'
import { timeText } from '../../../core/plugin.ts'
import type { Intake } from './intake.ts'
import { tokenise } from './legacy/tokenise.ts'
import type { OwnEvent } from './own.ts'
import type { Source } from './records.ts'

/** What is known of a capture source. */
export interface SourceState {
  readonly uuid: string
  readonly name: string
  readonly type: string
  readonly failed: boolean
  readonly warning: string
  /** False when it has ended or was never opened. */
  readonly running: boolean
  readonly hops: boolean
  readonly channel: string
}

export interface SensorOptions {
  readonly address: string
  readonly generation: Source['generation']
  readonly silent_s: number
  readonly intake: Intake
  readonly clock: Clock
}

/** Sentences that frames lead to. */
const OF_FRAMES: ReadonlySet<string> = new Set(['BSSID', 'CLIENT', 'SSID', 'BSSIDSRC', 'CLISRC'])

interface Run {
  readonly start: number
  readonly time: number
}

export class Sensor {
  readonly #options: SensorOptions
  #state: 'unknown' | 'online' | 'offline' = 'unknown'
  /** Where reading of this run of the server had come to when the connection began. */
  #missed: Run | undefined
  #sources = new Map<string, SourceState>()
  #packets = -1
  #heard = 0
  #silent = false

  constructor(options: SensorOptions) {
    this.#options = options
    this.#heard = options.clock.monotonic()
  }

  get isOnline(): boolean {
    return this.#state === 'online'
  }

  /** A server answers. `last` is the run of the server that was read before. */
  online({ name, version, last }: { name: string; version: string; last: Run | undefined }): void {
    const { intake, clock } = this.#options
    const start = intake.source?.start ?? 0
    this.#state = 'online'
    // A server that was started again has been running for a while before it was asked.
    this.#missed = last && { start, time: last.start === start ? last.time : start }
    this.#packets = -1
    this.#heard = clock.monotonic()
    this.#sources.clear()
    this.#emit('sensor.online', {
      ...(name === '' ? {} : { 'kismet.server.name': name }),
      ...(version === '' ? {} : { 'kismet.server.version': version }),
      ...(last ? { 'kismet.server.restarted': last.start !== start } : {}),
    })
    if (last && last.start !== start) {
      const from = last.time || last.start
      this.gap('records', from, Math.max(from, start), 'Kismet was started again; what the run before saw after this time is gone')
    }
  }

  /** All that the server still has has been read. What lies before is missing. */
  caughtUp(kept: string): void {
    const { intake } = this.#options
    const missed = this.#missed
    this.#missed = undefined
    if (!missed) return
    const from = missed.time || missed.start
    this.gap('records', from, Math.max(from, intake.now + 1), `nobody was reading; ${kept}`)
  }

  /** Kismet does not answer, or not any more. Said once for each outage. */
  offline(reason: string): void {
    if (this.#state === 'offline') return
    this.#state = 'offline'
    this.#emit('sensor.offline', { 'kismet.server.reason': reason })
  }

  /** @param from seconds since 1970 up to which everything was read, as `to` from which on it is again */
  gap(stream: string, from: number, to: number, reason: string): void {
    if (from <= 0) return
    const fields = { 'gap.stream': stream, 'gap.reason': reason, 'gap.from': time(from), 'gap.to': time(to) }
    this.#options.intake.own({ ...this.#event('wherry.gap', from, fields), first: String(from), last: String(to) }, this.#source())
  }

  /** Lines of the legacy protocol that say how the sensor is. Without INFO every line of data is a sign of frames. */
  line(name: string, bytes: Buffer, from: number, to: number, fields: readonly string[]): void {
    if (name === 'INFO') {
      const values = tokenise(bytes.toString('latin1', from, to))?.fields
      const packets = Number(values?.[fields.indexOf('packets')])
      if (Number.isSafeInteger(packets)) this.packets(packets)
    } else if (name === 'SOURCE') this.#sourceLine(tokenise(bytes.toString('latin1', from, to))?.fields ?? [], fields)
    else if (this.#packets < 0 && OF_FRAMES.has(name)) this.#hear()
  }

  /** All packets that Kismet has received so far. */
  packets(total: number): void {
    if (total !== this.#packets) this.#hear()
    this.#packets = total
  }

  source(state: SourceState): void {
    const before = this.#sources.get(state.uuid)
    this.#sources.set(state.uuid, state)
    if (state.failed === (before?.failed ?? false)) return
    this.#emit(state.failed ? 'source.error' : 'source.ok', {
      'kismet.uuid': state.uuid,
      ...(state.name === '' ? {} : { 'kismet.interface': state.name }),
      ...(state.type === '' ? {} : { 'kismet.source_type': state.type }),
      ...(state.failed && state.warning !== '' ? { 'kismet.warning': state.warning } : {}),
      'kismet.error': state.failed,
    })
  }

  /** Called about once a second while Kismet answers. */
  look(): void {
    const { silent_s, clock } = this.#options
    if (silent_s === 0 || this.#silent) return
    const seconds = Math.floor((clock.monotonic() - this.#heard) / 1000)
    if (seconds < silent_s) return
    this.#silent = true
    this.#emit('sensor.silent', { 'kismet.server.silent_s': seconds, 'kismet.server.reason': this.#cause() })
  }

  #hear(): void {
    const { clock } = this.#options
    const now = clock.monotonic()
    const seconds = Math.floor((now - this.#heard) / 1000)
    this.#heard = now
    if (!this.#silent) return
    this.#silent = false
    this.#emit('sensor.heard', { 'kismet.server.silent_s': seconds })
  }

  /** Why no frames come, as far as the sources say. */
  #cause(): string {
    const sources = [...this.#sources.values()]
    const failed = sources.find((source) => source.failed)
    if (sources.length === 0) return 'nothing is known of capture sources: Kismet may have none'
    if (failed) return `the source ${failed.name} has failed${failed.warning === '' ? '' : `: ${failed.warning}`}`
    const file = sources.find(({ type }) => /pcapfile|kismetdb/.test(type))
    if (file) return `the capture file of the source ${file.name} may be at its end`
    const idle = sources.find(({ running }) => !running)
    if (idle) return `the source ${idle.name} does not run`
    const fixed = sources.find(({ hops }) => !hops)
    if (fixed)
      return `the source ${fixed.name} stays on ${fixed.channel === '' ? 'one channel' : `channel ${fixed.channel}`}, where nothing may be sent`
    return 'the sources run: look at antenna, driver and channels'
  }

  #sourceLine(values: readonly string[], fields: readonly string[]): void {
    if (values.length !== fields.length) return
    const value = (name: string) => values[fields.indexOf(name)] ?? ''
    if (value('uuid') === '') return
    this.source({
      uuid: value('uuid'),
      name: value('interface'),
      type: value('type'),
      failed: Number(value('error')) > 0,
      warning: value('warning'),
      running: true,
      hops: value('hop') !== '0',
      channel: value('channel') === '0' ? '' : value('channel'),
    })
  }

  #emit(dataset: OwnEvent['dataset'], fields: Readonly<Record<string, Value>>): void {
    const now = this.#options.clock.now() / 1000
    this.#options.intake.own(this.#event(dataset, now, fields), this.#source())
  }

  #event(dataset: OwnEvent['dataset'], at: number, fields: Readonly<Record<string, Value>>): OwnEvent {
    const { address, generation, start } = this.#source()
    const about = {
      'kismet.server.address': address,
      ...(generation === undefined ? {} : { 'kismet.server.generation': generation }),
      ...(start > 0 ? { 'kismet.server.start': time(start) } : {}),
    }
    const what = Object.values(fields).join()
    return { dataset, time: at, key: address, first: String(start), last: what, fields: { ...fields, ...about } }
  }

  /** Before the first contact there is none. */
  #source(): Source {
    const { intake, address, generation } = this.#options
    return (this.#unknown = intake.source ?? this.#unknown ?? { address, generation, start: intake.last?.start ?? 0, sentences: {} })
  }
  #unknown: Source | undefined
}

function time(seconds: number): string {
  const whole = Math.floor(seconds)
  return timeText(whole, Math.min(999_999_999, Math.round((seconds - whole) * 1e9)))
}
