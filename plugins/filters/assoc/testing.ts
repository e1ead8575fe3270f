/** Frames between a client and access points, decoded and filtered; for the tests of this folder. */
import { crc32 } from 'node:zlib'
import { envelope, frame } from '../../../core/event/envelope.ts'
import { Event } from '../../../core/event/event.ts'
import { Fields } from '../../../core/event/fields.ts'
import { pureContext } from '../../../core/route/context.ts'
import ieee80211 from '../ieee80211/index.ts'
import { assoc } from './fields.ts'
import plugin from './index.ts'

export const CLIENT = '06:00:00:00:00:0b'
export const HOME = '02:00:00:00:00:0a'
export const OTHER = '02:00:00:00:00:0c'
export const ALL = 'ff:ff:ff:ff:ff:ff'

const tables = [envelope, frame, ...ieee80211.fields, assoc]
/** An hour into the epoch, so that times can go back. */
export const START = 3600
const KEY = new Uint8Array(8).fill(7)

export interface Sent {
  readonly bytes: readonly number[]
  /** FCS behind it, right or wrong; flagged: the record has none, and its header says that it was wrong. */
  readonly fcs?: 'right' | 'wrong' | 'flagged'
}

/** What the filter said of a frame, by the last parts of the paths; undefined when nothing. */
export type Said = Record<'client' | 'state' | 'bssid' | 'ssid' | 'since' | 'proof' | 'proof_id', unknown>

export class Air {
  readonly event: Event
  readonly #decode: { apply(event: Event): boolean | void }
  readonly #assoc: ReturnType<typeof plugin.create>
  readonly #frame: number
  #number = 0

  constructor(options: Partial<Parameters<typeof plugin.create>[0]> = {}) {
    const fields = new Fields(tables)
    this.event = new Event(fields)
    const context = pureContext('test', this.event, { name: 't', id: 't' })
    this.#decode = ieee80211.create({ emit: 'full', network: true }, context)
    this.#assoc = plugin.create({ forget_after_s: 300, max_clients: 100, ...options }, context)
    this.#frame = fields.base(frame)
  }

  /** Takes a frame at a time in seconds behind the start. */
  hear({ bytes, fcs }: Sent, at = 0): Said | undefined {
    const { event } = this
    this.open({ bytes, ...(fcs && { fcs }) }, at)
    this.#assoc.apply(event)
    const values = event.hold().values.filter(([field]) => field.table === assoc)
    return values.length === 0 ? undefined : (Object.fromEntries(values.map(([{ path }, value]) => [path.slice(6), value])) as Said)
  }

  /** Decodes a frame, and no more. */
  open({ bytes, fcs }: Sent, at = 0): void {
    const { event } = this
    const record = fcs ? withFcs(bytes, fcs) : bytes
    const batch = Uint8Array.from(record)
    event.open(batch)
    event.record(START + Math.floor(at), Math.round((at % 1) * 1e9), KEY, ++this.#number)
    event.start = 0
    event.end = batch.length
    event.put(this.#frame + frame.at.number, this.#number)
    event.put(this.#frame + frame.at.link, fcs ? 127 : 105)
    event.put(this.#frame + frame.at.len, batch.length)
    event.put(this.#frame + frame.at.capLen, batch.length)
    this.#decode.apply(event)
  }
}

/** The frame behind a radiotap header of flags: 0x10 an FCS is there, 0x40 it was wrong. */
function withFcs(bytes: readonly number[], fcs: NonNullable<Sent['fcs']>): number[] {
  if (fcs === 'flagged') return [0, 0, 9, 0, 2, 0, 0, 0, 0x40, ...bytes]
  return [0, 0, 9, 0, 2, 0, 0, 0, 0x10, ...bytes, ...le32(crc32(Uint8Array.from(bytes)) ^ (fcs === 'right' ? 0 : 1))]
}

function le16(value: number): number[] {
  return [value & 255, (value >> 8) & 255]
}

function le32(value: number): number[] {
  return [...le16(value), ...le16(value >>> 16)]
}

function mac(address: string): number[] {
  return address.split(':').map((part) => Number.parseInt(part, 16))
}

/** A frame of this control field with three addresses and a body. */
export function raw(control: number, addresses: readonly [string, string, string], body: readonly number[] = []): Sent {
  return { bytes: [...le16(control), 0, 0, ...addresses.flatMap(mac), 0x10, 0, ...body] }
}

/** Capabilities of the RSN element that say whether management frames can, or must, be protected. */
export const PMF = { none: 0, capable: 0x80, required: 0xc0 } as const

function rsn(capabilities: number): number[] {
  const suite = (type: number) => [0, 0x0f, 0xac, type]
  return [48, 20, 1, 0, ...suite(4), 1, 0, ...suite(4), 1, 0, ...suite(8), ...le16(capabilities)]
}

function ssid(name: string): number[] {
  return [0, Buffer.byteLength(name), ...Buffer.from(name)]
}

const PROTECTED = 0x4000

/** Frames from the client unless they say otherwise; `ap` is the network's BSSID. */
export const heard = {
  beacon: (ap = HOME, name = 'home', pmf: number = PMF.none): Sent =>
    raw(0x80, [ALL, ap, ap], [0, 0, 0, 0, 0, 0, 0, 0, 100, 0, 0x11, 4, ...ssid(name), ...rsn(pmf)]),
  probe: (client = CLIENT): Sent => raw(0x40, [ALL, client, ALL], ssid('')),
  probeResponse: (ap = HOME, client = CLIENT, name = 'home'): Sent =>
    raw(0x50, [client, ap, ap], [0, 0, 0, 0, 0, 0, 0, 0, 100, 0, 0x11, 4, ...ssid(name), ...rsn(0)]),
  authentication: (ap = HOME, client = CLIENT): Sent => raw(0xb0, [ap, client, ap], [0, 0, 1, 0, 0, 0]),
  authenticated: (ap = HOME, client = CLIENT): Sent => raw(0xb0, [client, ap, ap], [0, 0, 2, 0, 0, 0]),
  request: (ap = HOME, name = 'home', pmf: number = PMF.none): Sent => raw(0x00, [ap, CLIENT, ap], [0x11, 4, 10, 0, ...ssid(name), ...rsn(pmf)]),
  response: (ap = HOME, status = 0, client = CLIENT): Sent => raw(0x10, [client, ap, ap], [0x11, 4, ...le16(status), 1, 0xc0]),
  reassociated: (ap = HOME): Sent => raw(0x30, [CLIENT, ap, ap], [0x11, 4, 0, 0, 1, 0xc0]),
  up: (ap = HOME, client = CLIENT): Sent => raw(0x0108, [ap, client, OTHER], [0xaa, 0xaa, 3, 0, 0, 0, 8, 0]),
  down: (ap = HOME, client = CLIENT): Sent => raw(0x0208, [client, ap, OTHER], [0xaa, 0xaa, 3, 0, 0, 0, 8, 0]),
  secretUp: (ap = HOME, client = CLIENT): Sent => raw(0x0108 | PROTECTED, [ap, client, OTHER], [1, 0, 0, 0x20, 0, 0, 0, 0, 9, 9]),
  secretDown: (ap = HOME, client = CLIENT): Sent => raw(0x0208 | PROTECTED, [client, ap, OTHER], [1, 0, 0, 0x20, 0, 0, 0, 0, 9, 9]),
  nothing: (ap = HOME): Sent => raw(0x0148, [ap, CLIENT, ap]),
  poll: (ap = HOME): Sent => ({ bytes: [...le16(0xa4), 1, 0xc0, ...mac(ap), ...mac(CLIENT)] }),
  /** A message of the 4-way handshake. */
  key: (message: 1 | 2 | 3 | 4, ap = HOME): Sent => {
    const info = { 1: 0x008a, 2: 0x010a, 3: 0x13ca, 4: 0x030a }[message]
    const eapol = [2, 3, 0, 95, 2, info >> 8, info & 255, 0, 16, ...new Array(90).fill(message === 4 ? 0 : 1)]
    // The length of the key data is 0, or the body would end within it.
    eapol.splice(4 + 93, 2, 0, 0)
    const addresses = message % 2 === 0 ? ([ap, CLIENT, ap] as const) : ([CLIENT, ap, ap] as const)
    return raw(message % 2 === 0 ? 0x0108 : 0x0208, [...addresses], [0xaa, 0xaa, 3, 0, 0, 0, 0x88, 0x8e, ...eapol])
  },
  leaves: (ap = HOME): Sent => raw(0xa0, [ap, CLIENT, ap], [8, 0]),
  sentAway: (ap = HOME, client = CLIENT): Sent => raw(0xc0, [client, ap, ap], [7, 0]),
  /** The same, encrypted. */
  sentAwayInSecret: (ap = HOME): Sent => raw(0xc0 | PROTECTED, [CLIENT, ap, ap], [1, 0, 0, 0x20, 0, 0, 0, 0, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9]),
} as const
