/** Puts values into Kismet's fields of an event; both generations go through here. */
import { isUtf8 } from 'node:buffer'
import { kismetGps } from '../../../core/formats/kismet-gps.ts'
import { type Event, envelope, ID_BYTES, type KnownField, putCreatedId } from '../../../core/plugin.ts'
import { kismetRecord, type RecordKey } from './fields.ts'

const utf8 = new TextEncoder()
/** Last second of the year 9999, beyond which a time cannot be written. */
export const LAST_SECOND = 253402300799

/** Text that is kept for all records. */
interface Constant {
  readonly place: number
  readonly length: number
}

export type Kind = 'event' | 'state' | 'alert' | 'metric'

export class Filler {
  readonly event: Event
  readonly base: number
  readonly gps: number
  readonly #observer: number
  readonly #observerLength: number
  readonly #envelope: number
  /** Texts that many records have, kept once. */
  readonly #constants = new Map<string, Constant>()
  #odd: string[] = []

  /** @param texts that many records have */
  constructor(event: Event, observer: string, texts: Iterable<string>) {
    this.event = event
    this.base = event.fields.base(kismetRecord)
    this.gps = event.fields.base(kismetGps)
    this.#envelope = event.fields.base(envelope)
    const name = utf8.encode(observer)
    this.#observer = event.constant(name)
    this.#observerLength = name.length
    for (const text of new Set(['event', 'state', 'alert', 'metric', ...texts])) {
      const bytes = utf8.encode(text)
      this.#constants.set(text, { place: event.constant(bytes), length: bytes.length })
    }
  }

  /** The field of a key. */
  field(key: RecordKey): KnownField {
    return this.event.fields.all[this.base + kismetRecord.at[key]]!
  }

  /** Begins a record: its kind, and when it was. */
  begin(kind: Kind, dataset: string, seconds: number, nanos: number): void {
    if (this.#odd.length > 0) this.#odd = []
    const { event } = this
    const { at } = envelope
    const base = this.#envelope
    if (seconds > 0 && seconds <= LAST_SECOND) event.put(base + at.timestamp, seconds, nanos)
    this.#common(base + at.kind, kind)
    this.#common(base + at.dataset, dataset)
    event.put(base + at.observer, this.#observer, this.#observerLength)
  }

  /** The id by what the record is: never by when it came or what was asked for. */
  identify(seconds: number, nanos: number, kind: string, key: string, run: string, state: string): void {
    this.identifyBy(seconds, nanos, [kind, key, run, state].join('\0'))
  }

  /** @param what all that the record is known by */
  identifyBy(seconds: number, nanos: number, what: string | Uint8Array): void {
    const { event } = this
    const at = event.room(ID_BYTES)
    putCreatedId(event.arena, at, seconds, nanos, what)
    event.put(this.#envelope + envelope.at.id, -at - 1, ID_BYTES)
  }

  /** Ends a record: which fields were not as expected. */
  end(): void {
    if (this.#odd.length > 0) this.texts('odd_fields', this.#odd)
  }

  odd(name: string): void {
    if (this.#odd.length < 32) this.#odd.push(name)
  }

  number(key: RecordKey, value: number): void {
    this.event.put(this.base + kismetRecord.at[key], value)
  }

  pair(key: RecordKey, a: number, b: number): void {
    this.event.put(this.base + kismetRecord.at[key], a, b)
  }

  text(key: RecordKey, text: string): void {
    this.#common(this.base + kismetRecord.at[key], text)
  }

  bytes(key: RecordKey, bytes: Uint8Array): void {
    this.#text(this.base + kismetRecord.at[key], bytes)
  }

  texts(key: RecordKey, texts: readonly string[]): void {
    const { event } = this
    const first = event.listEnd
    for (const text of texts) {
      const known = this.#constants.get(text)
      const bytes = known ? undefined : utf8.encode(text)
      event.push(bytes ? event.keep(bytes) : known!.place)
      event.push(bytes ? bytes.length : known!.length)
    }
    event.put(this.base + kismetRecord.at[key], first, texts.length)
  }

  numbers(key: RecordKey, values: readonly number[]): void {
    const { event } = this
    const first = event.listEnd
    for (const value of values) event.push(value)
    event.put(this.base + kismetRecord.at[key], first, values.length)
  }

  /** A name by its bytes: text only when it is valid UTF-8, always in hex. */
  ssid(bytes: Uint8Array): void {
    this.bytes('ssid_hex', bytes)
    if (isUtf8(bytes)) this.bytes('ssid', bytes)
  }

  gpsNumber(key: keyof (typeof kismetGps)['at'], value: number): void {
    this.event.put(this.gps + kismetGps.at[key], value)
  }

  gpsText(key: 'satellites' | 'uuid', text: string): void {
    this.#text(this.gps + kismetGps.at[key], utf8.encode(text))
  }

  gpsPair(key: 'location' | 'time', a: number, b: number): void {
    this.event.put(this.gps + kismetGps.at[key], a, b)
  }

  #common(number: number, text: string): void {
    const known = this.#constants.get(text)
    if (known) this.event.put(number, known.place, known.length)
    else this.#text(number, utf8.encode(text))
  }

  #text(number: number, bytes: Uint8Array): void {
    this.event.put(number, this.event.keep(bytes), bytes.length)
  }
}

/** Whether a pair of coordinates is a place on earth; 0, 0 is what Kismet says when it has none. */
export function isPlace(lat: number, lon: number): boolean {
  return Math.abs(lat) <= 90 && Math.abs(lon) <= 180 && (lat !== 0 || lon !== 0)
}

/** 48 bits of `AA:BB:CC:DD:EE:FF` in either case, or -1. */
export function macNumber(text: string): number {
  return /^[0-9a-f]{2}(:[0-9a-f]{2}){5}$/i.test(text) ? Number.parseInt(text.replaceAll(':', ''), 16) : -1
}
