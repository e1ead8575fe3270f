/** One JSON record of a modern Kismet as an event. */
import { kismetRecord, type RecordKey } from '../fields.ts'
import { type Filler, isPlace, LAST_SECOND, macNumber } from '../fill.ts'
import { KIND, type RecordHeader, type Source } from '../records.ts'
import { find, isObject, type Json, type JsonObject, keyText, member, numberOf, textOf } from './find.ts'
import {
  ALERT,
  ALERT_TIME,
  BATTERY,
  DEVICE,
  LOCATION,
  MESSAGE,
  MESSAGE_TIME,
  PACKETCHAIN,
  SOURCE,
  SSID,
  SSID_DEVICE,
  STATISTICS,
  SYSTEM_TIME,
  type Wanted,
} from './names.ts'
import { ssidBytes } from './ssid.ts'
import { halves } from './topics.ts'

/** Of a record without a time of its own: when it came, and which of the equal ones of that second it is. */
type Moment = Pick<RecordHeader, 'at' | 'ordinal'>

/** Name that a server gives a field which it does not know. */
const UNKNOWN = 'field.unknown.not.registered'
/** Stands for "none" in Kismet; no receiver has signals as far from 0. */
const NO_SIGNAL = 256
/** Of an object that is not known here. */
const MOST_VALUES = 64

export class ObjectDecoder {
  readonly #filler: Filler

  constructor(filler: Filler) {
    this.#filler = filler
  }

  /**
   * Fills the opened event.
   * @throws Error saying why it cannot be one
   */
  fill(header: RecordHeader, text: string, source: Source): void {
    const json: unknown = JSON.parse(text)
    if (!isObject(json)) throw new Error('not a JSON object')
    switch (header.kind) {
      case KIND.device:
        return this.#device(json, header, source, text)
      case KIND.alert:
        return this.#alert(json, header, source)
      case KIND.message:
        return this.#message(json, header, source)
      case KIND.source:
        return this.#sample('SOURCE', 'kismet.source', json, SOURCE, header, source, textOf(member(json, SOURCE[0].path[0])))
      case KIND.bus:
        return this.#bus(json, header, source, text)
      default:
        throw new Error(`records of kind ${header.kind} are not known`)
    }
  }

  /** A record that was asked for by wrong names has no key: it is known by all that it says. */
  #device(record: JsonObject, { at, delta }: RecordHeader, source: Source, text: string): void {
    const filler = this.#filler
    const value = (key: RecordKey) => find(record, DEVICE.find((one) => one.key === key)!)
    const modified = numberOf(value('modtime'))
    const seen = numberOf(value('lasttime'))
    const seconds = Math.floor([seen, modified, at].find(isTime) ?? 0)
    const about = textOf(value('key')) || textOf(value('mac'))
    filler.begin('state', 'kismet.device', seconds, 0)
    const state = about === '' ? text : `${numberOf(value('modtime'))} ${numberOf(value('packets'))}`
    filler.identify(seconds, 0, 'DEVICE', about, String(source.start), state)
    this.#read(record, DEVICE)
    if (delta >= 0 && Number.isSafeInteger(delta)) filler.number('newpackets', delta)
    filler.end()
  }

  #alert(record: JsonObject, { at }: RecordHeader, source: Source): void {
    const filler = this.#filler
    const stamp = numberOf(member(record, ALERT_TIME))
    const [seconds, nanos] = isTime(stamp) ? split(stamp) : [at, 0]
    filler.begin('alert', 'kismet.alert', seconds, nanos)
    filler.identify(seconds, nanos, 'ALERT', alertKey(record), String(source.start), '')
    this.#read(record, ALERT)
    filler.end()
  }

  #message(record: JsonObject, { at, ordinal }: RecordHeader, source: Source): void {
    const filler = this.#filler
    const time = numberOf(member(record, MESSAGE_TIME))
    const seconds = isTime(time) ? Math.floor(time) : at
    filler.begin('event', 'kismet.status', seconds, 0)
    filler.identify(seconds, 0, 'MESSAGE', messageKey(record), String(source.start), String(ordinal))
    this.#read(record, MESSAGE)
    filler.end()
  }

  /** An object of the event bus: its members are named after topics. */
  #bus(json: JsonObject, header: RecordHeader, source: Source, text: string): void {
    const { topic, device, record } = halves(json)
    switch (topic) {
      case 'ALERT':
        return this.#alert(record, header, source)
      case 'MESSAGE':
        return this.#message(record, header, source)
      case 'NEW_DEVICE':
        return this.#device(record, header, source, text)
      case 'GPS_LOCATION':
        return this.#location(record, header, source)
      case 'BATTERY':
        return this.#sample(topic, 'kismet.battery', record, BATTERY, header, source)
      case 'STATISTICS':
        return this.#sample(topic, 'kismet.info', record, STATISTICS, header, source)
      case 'PACKETCHAIN_STATS':
        return this.#sample(topic, 'kismet.packetchain', record, PACKETCHAIN, header, source)
      case 'TIMESTAMP':
        return this.#sample(topic, 'kismet.timestamp', record, [], { at: timeOf(record) ?? header.at, ordinal: header.ordinal }, source)
      case 'DOT11_ADVERTISED_SSID':
      case 'DOT11_RESPONSE_SSID':
      case 'DOT11_PROBED_SSID':
        return this.#ssid(topic, device, record, header, source)
      case 'DOT11_WPA_HANDSHAKE':
        return this.#sample(topic, 'kismet.handshake', device, SSID_DEVICE, header, source, textOf(find(device, SSID_DEVICE[1])))
    }
    if (topic.includes('DATASOURCE'))
      return this.#sample(topic, 'kismet.source', record, SOURCE, header, source, textOf(member(record, SOURCE[0].path[0])))
    this.#sample(topic, `kismet.${topic.toLowerCase()}`, record, [], header, source)
    const filler = this.#filler
    const values = Object.entries(record)
      .filter(([, value]) => typeof value !== 'object')
      .slice(0, MOST_VALUES)
    if (values.length > 0)
      filler.texts(
        'values',
        values.map(([name, value]) => `${name}=${value}`),
      )
  }

  #ssid(topic: string, device: JsonObject, record: JsonObject, { at }: RecordHeader, source: Source): void {
    const filler = this.#filler
    const first = SSID.filter(({ key }) => key === 'firsttime')
      .map((one) => numberOf(find(record, one)))
      .find(isTime)
    const seconds = first === undefined ? at : Math.floor(first)
    filler.begin('event', 'kismet.ssid', seconds, 0)
    filler.identify(seconds, 0, topic, ssidKey(device, record), String(source.start), '')
    filler.text(
      'type_name',
      { DOT11_ADVERTISED_SSID: 'beacon', DOT11_RESPONSE_SSID: 'probe response', DOT11_PROBED_SSID: 'probe request' }[topic] ?? topic,
    )
    this.#read(device, SSID_DEVICE)
    this.#read(record, SSID)
    filler.end()
  }

  /** A value of the moment. */
  #sample(topic: string, dataset: string, record: JsonObject, wanted: readonly Wanted[], header: Moment, source: Source, about = ''): void {
    const filler = this.#filler
    const { at, ordinal } = header
    filler.begin(dataset === 'kismet.source' || dataset === 'kismet.handshake' ? 'state' : 'metric', dataset, at, 0)
    filler.identify(at, 0, topic, about, String(source.start), String(ordinal))
    this.#read(record, wanted)
    filler.end()
  }

  #location(record: JsonObject, header: RecordHeader, source: Source): void {
    const filler = this.#filler
    const value = (name: string) => numberOf(member(record, LOCATION + name))
    const timed = isTime(value('time_sec'))
    const seconds = timed ? Math.floor(value('time_sec')) : header.at
    const nanos = timed && value('time_usec') >= 0 && value('time_usec') < 1e6 ? Math.floor(value('time_usec')) * 1000 : 0
    const receiver = textOf(member(record, `${LOCATION}gps_uuid`))
    filler.begin('metric', 'kismet.gps', seconds, nanos)
    filler.identify(seconds, nanos, 'GPS_LOCATION', receiver, String(source.start), '')
    if (receiver !== '') filler.gpsText('uuid', receiver)
    const fix = value('fix')
    if (Number.isSafeInteger(fix)) filler.gpsNumber('fix', fix)
    const place = pointOf(member(record, `${LOCATION}geopoint`))
    if (fix < 2 || !place) return filler.end()
    filler.gpsPair('location', place[0], place[1])
    if (fix >= 3 && Number.isFinite(value('alt'))) filler.gpsNumber('alt', value('alt'))
    if (Number.isFinite(value('speed'))) filler.gpsNumber('speed', value('speed'))
    if (Number.isFinite(value('heading'))) filler.gpsNumber('heading', value('heading'))
    filler.gpsPair('time', seconds, nanos)
    filler.end()
  }

  #read(record: JsonObject, all: readonly Wanted[]): void {
    if (Object.hasOwn(record, UNKNOWN)) this.#filler.odd(UNKNOWN)
    for (const wanted of all) {
      const value = find(record, wanted)
      // 0, empty lists and empty objects stand for everything that is absent; of numbers 0 may be meant.
      if (value === undefined || value === null || value === '') continue
      const put = wanted.length ? this.#ssidOf(record, wanted.length, value) : this.#put(wanted, value)
      if (!put) this.#filler.odd(wanted.path[wanted.path.length - 1])
    }
  }

  /** @returns false when the value is not of the type that it should be */
  #put({ key, as }: Wanted, value: Json): boolean {
    const filler = this.#filler
    const nothing = value === 0 || isEmpty(value)
    switch (as) {
      case 'text':
        if (typeof value !== 'string') return nothing
        filler.text(key, value)
        return true
      case 'mac': {
        if (typeof value !== 'string') return nothing
        const mac = macNumber(value)
        if (mac > 0) filler.number(key, mac)
        return mac >= 0
      }
      case 'count':
        if (typeof value === 'boolean') filler.number(key, Number(value))
        else if (typeof value !== 'number' || !Number.isSafeInteger(value)) return isEmpty(value)
        // The alternative name of another release says 0.
        else if (value !== 0 || !this.#has(key)) filler.number(key, value)
        return true
      case 'seconds':
        if (typeof value !== 'number' || !Number.isFinite(value)) return isEmpty(value)
        if (value > LAST_SECOND) return false
        if (value > 0) filler.number(key, Math.floor(value))
        return true
      case 'dbm':
        if (typeof value !== 'number' || !(Math.abs(value) <= NO_SIGNAL)) return isEmpty(value)
        if (value !== 0 && value !== -NO_SIGNAL) filler.number(key, Math.round(value))
        return true
      case 'float':
        if (typeof value !== 'number' || !Number.isFinite(value)) return isEmpty(value)
        if (key === 'maxrate' && value === 0) return true
        // Altitudes stand behind the coordinates they belong to, and mean nothing without them.
        if ((key !== 'bestalt' || this.#has('bestlat')) && (key !== 'aggalt' || this.#has('agglat'))) filler.number(key, value)
        return true
      case 'flag':
        if (typeof value !== 'number' && typeof value !== 'boolean') return isEmpty(value)
        filler.number(key, Number(value) === 0 ? 0 : 1)
        return true
      case 'u64':
        if (typeof value !== 'number' || !(value >= 0) || value >= 2 ** 64) return isEmpty(value)
        if (value > 0) filler.pair(key, Math.floor(value / 4294967296), Math.floor(value) % 4294967296)
        return true
      case 'khz':
        if (typeof value !== 'number' || !Number.isFinite(value)) return isEmpty(value)
        if (value > 0) filler.number(key, value / 1000)
        return true
      case 'channel':
        return this.#channel(value)
      case 'words':
        if (typeof value !== 'string') return nothing
        filler.texts(
          key,
          value.split(' ').filter((word) => word !== ''),
        )
        return true
      case 'uuids':
        return this.#uuids(key, value)
      case 'frequencies':
        return this.#frequencies(value)
      default:
        return this.#place(as, value)
    }
  }

  /** The name of a network: its bytes, or what Kismet made of it where they are lost. */
  #ssidOf(record: JsonObject, length: Pick<Wanted, 'path' | 'alias'>, value: Json): boolean {
    if (typeof value !== 'string') return value === 0 || isEmpty(value)
    const bytes = ssidBytes(value, numberOf(find(record, length)) || 0)
    if (bytes) this.#filler.ssid(bytes)
    if (!bytes || value.includes('\\')) this.#filler.text('ssid_raw', value)
    return true
  }

  #has(key: RecordKey): boolean {
    const { event, base } = this.#filler
    return event.present(base + kismetRecord.at[key])
  }

  /** Text such as 6, 6HT40, 36VHT80, 11-5; a number in other releases. */
  #channel(value: Json): boolean {
    if (typeof value === 'number') {
      if (value > 0 && Number.isSafeInteger(value)) this.#filler.number('channel', value)
      return Number.isSafeInteger(value)
    }
    if (typeof value !== 'string') return isEmpty(value)
    const number = Number.parseInt(value, 10)
    if (number > 0 && Number.isSafeInteger(number)) {
      this.#filler.number('channel', number)
      if (String(number) !== value) this.#filler.text('channel_name', value)
    } else if (value !== '0') this.#filler.text('channel_name', value)
    return true
  }

  #uuids(key: RecordKey, value: Json): boolean {
    const uuids = (Array.isArray(value) ? (value as readonly Json[]) : [value]).filter((one): one is string => typeof one === 'string')
    if (uuids.length > 0) this.#filler.texts(key, uuids)
    return uuids.length > 0 || value === 0 || Array.isArray(value) || isEmpty(value)
  }

  #frequencies(value: Json): boolean {
    if (!isObject(value)) return value === 0 || isEmpty(value)
    const pairs = Object.entries(value).map(([khz, packets]) => [Number(khz) / 1000, packets] as const)
    const good = pairs.filter((pair): pair is [number, number] => pair[0] > 0 && typeof pair[1] === 'number' && Number.isSafeInteger(pair[1]))
    if (good.length > 0) {
      this.#filler.numbers(
        'freq_mhz',
        good.map(([mhz]) => mhz),
      )
      this.#filler.numbers(
        'freq_packets',
        good.map(([, packets]) => packets),
      )
    }
    return good.length === pairs.length
  }

  /** A pair of longitude and latitude, in this order. */
  #place(as: Wanted['as'], value: Json): boolean {
    if (!Array.isArray(value)) return value === 0 || isEmpty(value)
    const place = pointOf(value)
    if (!place) return value.length === 0 || (value[0] === 0 && value[1] === 0)
    const [lat, lon] = ({ best: ['bestlat', 'bestlon'], mean: ['agglat', 'agglon'], low: ['minlat', 'minlon'], high: ['maxlat', 'maxlon'] } as const)[
      as as 'best' | 'mean' | 'low' | 'high'
    ]
    const filler = this.#filler
    filler.number(lat, place[0])
    filler.number(lon, place[1])
    if (as === 'best' || (as === 'mean' && !this.#has('location'))) filler.pair('location', place[0], place[1])
    return true
  }
}

/** Whether it is a time that can be written. */
export function isTime(seconds: number): boolean {
  return seconds > 0 && seconds <= LAST_SECOND
}

/** The server's clock in a record, in whole seconds. */
export function timeOf(record: JsonObject): number | undefined {
  const now = numberOf(member(record, SYSTEM_TIME))
  return isTime(now) ? Math.floor(now) : undefined
}

/** [lat, lon] of a place on earth. */
function pointOf(value: Json | undefined): [number, number] | undefined {
  if (!Array.isArray(value)) return undefined
  const [lon, lat] = value as readonly Json[]
  return typeof lat === 'number' && typeof lon === 'number' && isPlace(lat, lon) ? [lat, lon] : undefined
}

function isEmpty(value: Json): boolean {
  return value === null || value === '' || (typeof value === 'object' && Object.keys(value).length === 0)
}

/** Seconds and nanoseconds of a time that is exact to the microsecond. */
export function split(stamp: number): [seconds: number, nanos: number] {
  const micros = Math.round(stamp * 1e6)
  const seconds = Math.floor(micros / 1e6)
  return [seconds, (micros - seconds * 1e6) * 1000]
}

/** What an alert is known by. */
export function alertKey(record: JsonObject): string {
  return [ALERT_TIME, ...['header', 'transmitter_mac', 'source_mac', 'dest_mac', 'other_mac', 'text'].map((name) => `kismet.alert.${name}`)]
    .map((name) => keyText(member(record, name)))
    .join('\x01')
}

export function messageKey(record: JsonObject): string {
  return [MESSAGE_TIME, 'kismet.messagebus.message_flags', 'kismet.messagebus.message_string']
    .map((name) => keyText(member(record, name)))
    .join('\x01')
}

/** Whose SSID it is and which. */
export function ssidKey(device: JsonObject, record: JsonObject): string {
  const text = (from: JsonObject, wanted: Wanted) => keyText(find(from, wanted))
  return [...SSID_DEVICE.slice(0, 2).map((one) => text(device, one)), ...SSID.slice(0, 3).map((one) => text(record, one))].join('\x01')
}
