/** One line of the legacy protocol as an event, straight from bytes to columns. */
import { ipBytes } from '../../../../core/event/values.ts'
import type { Event, RecordSink } from '../../../../core/plugin.ts'
import { kismetRecord } from '../fields.ts'
import { type Filler, isPlace } from '../fill.ts'
import type { RecordHeader, Source } from '../records.ts'
import { ByName } from './by-name.ts'
import { floatAt, macAt, wholeAt } from './numbers.ts'
import { makePlan, OP, type Plan, type Reading } from './plan.ts'
import { isMunged, Tokens, unmunge } from './tokenise.ts'
import { BOX, cryptNames, PLACES, TYPES } from './values.ts'

export class LineDecoder {
  readonly #filler: Filler
  readonly #tokens = new Tokens()
  readonly #plans = new ByName<Plan>()
  /** What makes an id is put together here. */
  #words = new Uint8Array(1024)
  #source: Source | undefined
  #data: Buffer = Buffer.alloc(0)

  constructor(filler: Filler) {
    this.#filler = filler
  }

  /**
   * Decodes what `open` of the sink has begun: emits it, or rejects it with the reason.
   * @param data the batch, in which the line is data[from … to)
   */
  decode(data: Buffer, from: number, to: number, header: RecordHeader, source: Source, records: RecordSink): void {
    const tokens = this.#tokens
    if (!tokens.scan(data, from, to)) return records.reject('not a sentence of the legacy protocol')
    const plan = this.#plan(data, from, tokens.nameEnd, source)
    if (!plan) return records.reject('a sentence that was not asked for')
    const { name, readings } = plan
    if (tokens.broken !== undefined) return records.reject(`${name}: ${tokens.broken}`)
    if (tokens.count !== readings.length) return records.reject(`${name}: ${tokens.count} fields instead of ${readings.length}`)
    this.#data = data
    this.#fill(plan, to - from, header, source)
    records.emit()
  }

  #text(field: number): string {
    return this.#data.toString('latin1', this.#tokens.from[field], this.#tokens.to[field])
  }

  /** What a record is known by: its kind, the run of the server, the fields of the key and those that tell its states apart. */
  #idWords({ idHead, key, counters }: Plan, length: number): Uint8Array {
    // No field is longer than its line, and each has an end.
    const most = idHead.length + length + key.length + counters.length + 1
    if (most > this.#words.length) this.#words = new Uint8Array(2 * most)
    this.#words.set(idHead)
    let o = this.#append(key, idHead.length)
    this.#words[o++] = 0
    o = this.#append(counters, o)
    return this.#words.subarray(0, o)
  }

  #append(fields: readonly number[], o: number): number {
    const words = this.#words
    const { from, to } = this.#tokens
    const data = this.#data
    for (let i = 0; i < fields.length; i++) {
      const field = fields[i]
      for (let at = from[field]; at < to[field]; at++) words[o++] = data[at]
      words[o++] = 1
    }
    return o
  }

  /** Texts of some fields. */
  #joined(fields: readonly number[]): string {
    return fields.map((field) => `${this.#text(field)}\x01`).join('')
  }

  #fill(plan: Plan, length: number, { at, ordinal }: RecordHeader, source: Source): void {
    const filler = this.#filler
    const { from, to, count } = this.#tokens
    const { name, readings, time, usec, clock } = plan
    const own = time >= 0 ? wholeAt(this.#data, from[time], to[time]) : Number.NaN
    const timed = own > 0
    const micros = timed && usec >= 0 ? wholeAt(this.#data, from[usec], to[usec]) : 0
    const nanos = micros >= 0 && micros < 1e6 ? micros * 1000 : 0
    const seconds = timed ? own : at
    filler.begin(plan.kind, plan.dataset, seconds, nanos)
    if (clock === 'lasttime' || clock === 'alert') filler.identifyBy(seconds, nanos, this.#idWords(plan, length))
    else this.#identifyMoment(plan, at, ordinal, source)
    for (let i = 0; i < count; i++) this.#put(name, readings[i], from[i], to[i])
    if (!plan.known)
      filler.texts(
        'values',
        readings.map((reading, i) => `${reading.name}=${this.#text(i)}`),
      )
    if (plan.places) this.#places()
    if (name === 'GPS') this.#gps(readings)
    filler.end()
  }

  /** Records without a time of their own. */
  #identifyMoment({ name, clock, key, readings }: Plan, at: number, ordinal: number, source: Source): void {
    const filler = this.#filler
    const run = String(source.start)
    if (clock === 'sample') return filler.identify(at, 0, name, this.#joined(key), run, String(ordinal))
    const all = this.#joined(readings.map((_, i) => i))
    if (clock === 'content') filler.identify(source.start, 0, name, this.#joined(key), run, all)
    else filler.identify(at, 0, name, this.#joined(key), run, `${all}${ordinal}`)
  }

  #put(sentence: string, reading: Reading, from: number, to: number): void {
    const filler = this.#filler
    const { event } = filler
    const data = this.#data
    const { place } = reading
    switch (reading.op) {
      case OP.mac: {
        const mac = macAt(data, from, to)
        // Zeros are nobody.
        if (mac > 0) event.put(place, mac)
        else if (mac < 0) filler.odd(reading.name)
        return
      }
      case OP.int: {
        const value = wholeAt(data, from, to)
        if (Number.isNaN(value)) return filler.odd(reading.name)
        if (value === reading.none || value === reading.none2) return
        // The server prints it through 32 bits: below zero it has run over, by how much cannot be known.
        if (value < 0 && reading.key === 'datasize') return filler.odd(reading.name)
        event.put(place, value)
        if (reading.key === 'type') this.#type(sentence, value)
        return
      }
      case OP.float: {
        const value = floatAt(data, from, to)
        if (Number.isNaN(value)) filler.odd(reading.name)
        else if (value !== reading.none && value !== reading.none2) event.put(place, value)
        return
      }
      case OP.bool: {
        const value = wholeAt(data, from, to)
        if (Number.isNaN(value)) filler.odd(reading.name)
        else event.put(place, value === 0 ? 0 : 1)
        return
      }
      case OP.u64:
        return this.#u64(reading, from, to)
      case OP.ip:
        return this.#ip(reading, from, to)
      case OP.text:
        return this.#string(reading, from, to)
      case OP.ints: {
        const values = data.toString('latin1', from, to).split(':').map(Number)
        if (values.every(Number.isSafeInteger)) filler.numbers(reading.key, values)
        else filler.odd(reading.name)
        return
      }
      case OP.ssid: {
        if (from === to) return
        const text = data.toString('latin1', from, to)
        if (isMunged(text)) filler.text('ssid_raw', text)
        return filler.ssid(unmunge(text))
      }
      case OP.frequencies:
        return this.#frequencies(reading, from, to)
      case OP.country:
        return this.#country(data.toString('latin1', from, to))
    }
  }

  #u64(reading: Reading, from: number, to: number): void {
    const filler = this.#filler
    let value = wholeAt(this.#data, from, to)
    let low = value % 4294967296
    let high = Math.floor(value / 4294967296)
    if (Number.isNaN(value)) {
      const text = this.#data.toString('latin1', from, to)
      const exact = /^\d{16,20}$/.test(text) ? BigInt(text) : -1n
      if (exact < 0n || exact >= 1n << 64n) return filler.odd(reading.name)
      low = Number(exact & 0xffffffffn)
      high = Number(exact >> 32n)
      value = Number(exact)
    } else if (value < 0) return filler.odd(reading.name)
    if (value === reading.none) return
    filler.event.put(reading.place, high, low)
    if (reading.key === 'cryptset') filler.texts('crypt', cryptNames(value))
  }

  #ip({ name, place }: Reading, from: number, to: number): void {
    const { event } = this.#filler
    // 0.0.0.0 is most often all that is known.
    if (to - from === 7 && this.#data[from] === 48 && this.#data.toString('latin1', from, to) === '0.0.0.0') return
    const bytes = ipBytes(this.#data.toString('latin1', from, to))
    if (!bytes) this.#filler.odd(name)
    else event.put(place, event.keep(bytes), bytes.length)
  }

  /** Text stays where it is, as the bytes of the batch. */
  #string({ key, place }: Reading, from: number, to: number): void {
    const data = this.#data
    // One blank means "not set"; the empty value of a tag that it was removed.
    if (key !== 'value' && (from === to || (to - from === 1 && data[from] === 32))) return
    for (let i = from; i < to; i++) {
      // Not printable by the server's own rules: from a release that does not keep them.
      if (data[i] >= 0x80) return this.#filler.text(key, data.toString('utf8', from, to))
    }
    this.#filler.event.put(place, from, to - from)
  }

  /** Coordinates of 0 and a box without positions are none. */
  #places(): void {
    const { event, base } = this.#filler
    const { a } = event
    let placed = false
    for (let i = 0; i < PLACE_NUMBERS.length; i++) {
      const [lat, lon, alt] = PLACE_NUMBERS[i]
      const first = base + lat
      const second = base + lon
      if (!event.present(first) || !event.present(second)) continue
      if (a[first] === 0 && a[second] === 0) {
        drop(event, first)
        drop(event, second)
        drop(event, base + alt)
      } else if (!placed && isPlace(a[first], a[second])) {
        placed = true
        event.put(base + kismetRecord.at.location, a[first], a[second])
      }
    }
    const fixed = base + kismetRecord.at.gpsfixed
    if (event.present(fixed) && a[fixed] === 0) for (const number of BOX_NUMBERS) drop(event, base + number)
  }

  /** A fix below 2 has no position. */
  #gps(readings: readonly Reading[]): void {
    const filler = this.#filler
    const { from, to } = this.#tokens
    const place = (name: string) => readings.findIndex((reading) => reading.name === name)
    const value = (name: string) => {
      const i = place(name)
      return i < 0 ? Number.NaN : floatAt(this.#data, from[i], to[i])
    }
    const connected = value('connected')
    if (!Number.isNaN(connected)) filler.gpsNumber('connected', connected === 0 ? 0 : 1)
    const fix = value('fix')
    if (Number.isInteger(fix)) filler.gpsNumber('fix', fix)
    if (fix < 2) return
    if (isPlace(value('lat'), value('lon'))) filler.gpsPair('location', value('lat'), value('lon'))
    const put = (key: 'alt' | 'speed' | 'heading', name: string) => {
      if (!Number.isNaN(value(name))) filler.gpsNumber(key, value(name))
    }
    if (fix >= 3) put('alt', 'alt')
    put('speed', 'spd')
    put('heading', 'heading')
    for (const key of ['hdop', 'vdop'] as const) if (value(key) > 0) filler.gpsNumber(key, value(key))
    const satellites = place('satinfo')
    if (satellites >= 0 && from[satellites] < to[satellites]) filler.gpsText('satellites', this.#text(satellites))
  }

  #plan(data: Buffer, from: number, nameEnd: number, source: Source): Plan | undefined {
    if (source !== this.#source) {
      this.#plans.clear()
      this.#source = source
    }
    return this.#plans.find(data, from, nameEnd + 1) ?? this.#newPlan(data.toString('latin1', from + 1, nameEnd), source)
  }

  #newPlan(name: string, source: Source): Plan | undefined {
    const plan = makePlan(name, source, this.#filler)
    if (plan) this.#plans.set(name, plan)
    return plan
  }

  #type(sentence: string, value: number): void {
    const name = TYPES[sentence]?.[value]
    if (name !== undefined) this.#filler.text('type_name', name)
  }

  /** `MHz:packets*MHz:packets*` */
  #frequencies({ name }: Reading, from: number, to: number): void {
    const { event, base } = this.#filler
    const data = this.#data
    const first = event.listEnd
    let count = 0
    // Frequencies first, then packets: each list lies in one piece.
    for (let pass = 0; pass < 2; pass++) {
      for (let at = from; at < to; ) {
        let end = at
        let colon = -1
        for (; end < to && data[end] !== 42; end++) if (data[end] === 58) colon = end
        const value = colon < 0 ? Number.NaN : pass === 0 ? wholeAt(data, at, colon) : wholeAt(data, colon + 1, end)
        if (!(value >= 0)) {
          event.listEnd = first
          return this.#filler.odd(name)
        }
        event.push(value)
        count += 1 - pass
        at = end + 1
      }
    }
    if (count === 0) return
    event.put(base + kismetRecord.at.freq_mhz, first, count)
    event.put(base + kismetRecord.at.freq_packets, first + count, count)
  }

  /** `CC:start-number-dBm:…:`, with XXX for no country. */
  #country(text: string): void {
    const [country, ...ranges] = text.split(':').filter((part) => part !== '')
    if (country === undefined || country === 'XXX') return
    this.#filler.text('country', country)
    if (ranges.length > 0) this.#filler.texts('country_ranges', ranges)
  }
}

/** Numbers within the table of records. */
const PLACE_NUMBERS = PLACES.map((keys) => keys.map((key) => kismetRecord.at[key]))
const BOX_NUMBERS = BOX.map((key) => kismetRecord.at[key])

/** Makes a field that was put here absent again. */
function drop({ has }: Event, number: number): void {
  has[number >>> 5] &= ~(1 << (number & 31))
}
