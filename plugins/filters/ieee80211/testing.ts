/** Frames built byte by byte, and what the filter makes of them; for the tests of this folder. */
import { crc32 } from 'node:zlib'
import { envelope, frame } from '../../../core/event/envelope.ts'
import { Event, type Value } from '../../../core/event/event.ts'
import { Fields } from '../../../core/event/fields.ts'
import { pureContext } from '../../../core/route/context.ts'
import plugin from './index.ts'

type Config = Parameters<typeof plugin.create>[0]

export const AP = '02:00:00:00:00:0a'
export const STATION = '06:00:00:00:00:0b'
export const OTHER = '02:00:00:00:00:0c'
export const ALL = 'ff:ff:ff:ff:ff:ff'

export const fields = new Fields([envelope, frame, ...plugin.fields])

export interface Decoder {
  readonly event: Event
  /** Decodes one record into `event`. */
  decode(bytes: Uint8Array, options?: { link?: number; length?: number }): Event
}

export function decoder(config: Partial<Config> = {}): Decoder {
  const event = new Event(fields)
  const filter = plugin.create({ emit: 'full', network: true, ...config }, pureContext('decode', event, { name: 't', id: 't' }))
  const base = fields.base(frame)
  return {
    event,
    decode(bytes, { link = 105, length = bytes.length } = {}) {
      // The record stands between others, so that reading past its ends shows.
      const batch = new Uint8Array(bytes.length + 64).fill(0xa5)
      batch.set(bytes, 32)
      event.open(batch)
      event.start = 32
      event.end = 32 + bytes.length
      event.put(base + frame.at.link, link)
      event.put(base + frame.at.len, length)
      event.put(base + frame.at.capLen, bytes.length)
      filter.apply(event)
      return event
    },
  }
}

/** Every present field by its path, the frame's own left out. */
export function present(event: Event): Record<string, Value> {
  const values: Record<string, Value> = {}
  for (const [field, value] of event.hold().values) if (field.table !== frame) values[field.path] = value
  return values
}

export function le16(value: number): number[] {
  return [value & 255, (value >> 8) & 255]
}

export function le32(value: number): number[] {
  return [value & 255, (value >>> 8) & 255, (value >>> 16) & 255, value >>> 24]
}

export function be16(value: number): number[] {
  return [value >> 8, value & 255]
}

export function be32(value: number): number[] {
  return le32(value).reverse()
}

export function mac(address: string): number[] {
  return address.split(':').map((part) => Number.parseInt(part, 16))
}

export function ascii(text: string): number[] {
  return [...Buffer.from(text)]
}

export function element(id: number, content: readonly number[]): number[] {
  return [id, content.length, ...content]
}

export function bytesOf(...parts: readonly (readonly number[] | Uint8Array)[]): Uint8Array {
  return Uint8Array.from(parts.flatMap((part) => [...part]))
}

/** A management frame from the access point to all. */
export function management(subtype: number, body: readonly number[], control = 0): Uint8Array {
  return bytesOf(le16((subtype << 4) | control), le16(0), mac(ALL), mac(AP), mac(AP), le16(0x1230), body)
}

export const RSN = element(48, [
  ...le16(1),
  0,
  0x0f,
  0xac,
  4,
  ...le16(1),
  0,
  0x0f,
  0xac,
  4,
  ...le16(2),
  0,
  0x0f,
  0xac,
  2,
  0,
  0x0f,
  0xac,
  8,
  ...le16(0x80),
])
export const RATES = element(1, [0x82, 0x84, 0x0b, 0x16])

export function beacon(...elements: readonly (readonly number[])[]): Uint8Array {
  return management(8, [...le32(0x11223344), ...le32(5), ...le16(100), ...le16(0x0411), ...elements.flat()])
}

/** A data frame from the access point to the station, with LLC/SNAP and a payload. */
export function data(type: number, payload: readonly number[] | Uint8Array, control = 0x0208): Uint8Array {
  return bytesOf(le16(control), le16(44), mac(STATION), mac(AP), mac(OTHER), le16(0x0010), [0xaa, 0xaa, 3, 0, 0, 0], be16(type), payload)
}

export function withFcs(frameBytes: Uint8Array): Uint8Array {
  return bytesOf(frameBytes, le32(crc32(frameBytes)))
}

/** A radiotap header of these fields; each is a bit, its alignment and its bytes. */
export function radiotap(fieldsInOrder: readonly { bit: number; align: number; bytes: readonly number[] }[], words?: readonly number[]): number[] {
  const present = words ?? [fieldsInOrder.reduce((bits, { bit }) => bits | (1 << bit), 0)]
  const header = [0, 0, 0, 0, ...present.flatMap((word) => le32(word))]
  for (const { align, bytes } of fieldsInOrder) {
    while (header.length % align !== 0) header.push(0)
    header.push(...bytes)
  }
  header[2] = header.length & 255
  header[3] = header.length >> 8
  return header
}

/** An EAPOL key frame. */
export function eapolKey(info: number, keyData: readonly number[], nonce = 7): number[] {
  const body = [
    2,
    ...be16(info),
    ...be16(16),
    0,
    0,
    0,
    0,
    ...be32(9),
    ...new Array(32).fill(nonce),
    ...new Array(16 + 8 + 8 + 16).fill(0),
    ...be16(keyData.length),
    ...keyData,
  ]
  return [2, 3, ...be16(body.length), ...body]
}

export function ipv4(protocol: number, payload: readonly number[]): number[] {
  return [0x45, 0, ...be16(20 + payload.length), 0, 0, 0, 0, 64, protocol, 0, 0, 10, 0, 0, 1, 10, 0, 0, 2, ...payload]
}

export function udp(from: number, to: number, payload: readonly number[]): number[] {
  return [...be16(from), ...be16(to), ...be16(8 + payload.length), 0, 0, ...payload]
}
