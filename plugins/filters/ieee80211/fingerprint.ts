/**
 * A fingerprint of what a station says about itself in requests: it stays the same while the address changes, and differs between makes and versions.
 *
 * FNV-1a of 64 bits over, for each element in the order of the frame: its id, for id 255 also the extension; then, for those that describe the device, the
 * length of what follows and that. README.md lists them. Names, channels, the contents of vendor elements and all else that a station chooses anew stay out.
 */
import type { Event } from '../../../core/event/event.ts'
import { type Fields, fieldTable } from '../../../core/event/fields.ts'
import { type Chain, EXTENDED, elementId, ensureChain } from './elements/chain.ts'

export const fingerprint = fieldTable(
  'fingerprint',
  {
    print: {
      path: 'wlan.fingerprint',
      type: 'bytes',
      class: 'identity',
      emit: 'full',
      description: 'Of probe and (re)association requests: hash of which elements there are and of what describes the device.',
      source: 'FNV-1a, see the README of ieee80211',
    },
  },
  { repeats: true },
)

/** Ids whose whole content enters: rates, HT, RM, more rates, extended capabilities, VHT; HE, HE 6 GHz, EHT. */
const WHOLE: ReadonlySet<number> = new Set([1, 45, 50, 70, 127, 191, EXTENDED + 35, EXTENDED + 59, EXTENDED + 108])
/** Supported operating classes begin with the current one, which changes with the channel. */
const OPERATING_CLASSES = 59
/** Of vendor elements only OUI and type. */
const VENDOR = 221
const VENDOR_BYTES = 4

/** Makes the decoder of the table. */
export function fingerprintDecoder(fields: Fields, chain: Chain): (event: Event) => void {
  const base = fields.base(fingerprint)
  let high = 0
  let low = 0

  /** One byte: exclusive or, then times 2^40 + 0x1b3, modulo 2^64. */
  const mix = (byte: number) => {
    low = (low ^ byte) >>> 0
    const product = low * 0x1b3
    high = (Math.imul(high, 0x1b3) + Math.floor(product / 2 ** 32) + (low << 8)) >>> 0
    low = product >>> 0
  }

  const content = (bytes: Uint8Array, at: number, end: number) => {
    mix(end - at)
    for (let i = at; i < end; i++) mix(bytes[i])
  }

  const element = (bytes: Uint8Array, at: number) => {
    const id = elementId(bytes, at)
    const end = at + 2 + bytes[at + 1]
    mix(bytes[at])
    if (id >= EXTENDED) mix(id - EXTENDED)
    if (WHOLE.has(id)) content(bytes, id >= EXTENDED ? at + 3 : at + 2, end)
    else if (id === OPERATING_CLASSES) content(bytes, Math.min(end, at + 3), end)
    else if (id === VENDOR) content(bytes, at + 2, Math.min(end, at + 2 + VENDOR_BYTES))
  }

  return (event) => {
    event.claim(base, fingerprint.fields.length)
    const { bytes } = event
    ensureChain(chain, bytes)
    high = 0xcbf29ce4
    low = 0x84222325
    for (let i = 0; i < chain.count; i++) element(bytes, chain.at[i])
    const room = event.room(8)
    for (let i = 0; i < 4; i++) {
      event.arena[room + i] = high >>> (24 - 8 * i)
      event.arena[room + 4 + i] = low >>> (24 - 8 * i)
    }
    event.put(base + fingerprint.at.print, -room - 1, 8)
  }
}
