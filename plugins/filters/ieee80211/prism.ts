/** Prism monitor header: ten items of number, status, length and value, in the byte order of the host that made it. */
import type { Event } from '../../../core/event/event.ts'
import { type Fields, fieldTable } from '../../../core/event/fields.ts'
import { u16, u16be, u32, u32be } from './bytes.ts'
import type { Place } from './place.ts'
import { frequencyOf, PHY } from './radio.ts'

const full = { type: 'int', emit: 'full', source: 'Prism' } as const

export const prism = fieldTable('prism', {
  code: { ...full, path: 'prism.msgcode', description: 'Message code, 0x44 or 0x41.' },
  length: { ...full, path: 'prism.msglen', unit: 'bytes', description: 'Length of the header.' },
  host: { ...full, path: 'prism.did.hosttime', description: 'Time of the host.' },
  mactime: { ...full, path: 'prism.did.mactime', unit: 'us', description: 'Time of the receiving device, lower 32 bits.' },
  channel: { ...full, path: 'prism.did.channel', description: 'Channel number.' },
  rssi: { ...full, path: 'prism.did.rssi', description: 'Signal, as the device counts it.' },
  quality: { ...full, path: 'prism.did.sq', description: 'Signal quality.' },
  signal: { ...full, path: 'prism.did.signal', description: 'Signal: dBm where negative, else as the device counts it.' },
  noise: { ...full, path: 'prism.did.noise', description: 'Noise: dBm where negative.' },
  rate: { ...full, path: 'prism.did.rate', unit: '500 kb/s', description: 'Rate.' },
  istx: { ...full, path: 'prism.did.istx', description: '1: sent, not received.' },
  frameLength: { ...full, path: 'prism.did.frmlen', unit: 'bytes', description: 'Length of the frame.' },
})

const HEADER = 24
const ITEM = 12

/** Makes the decoder: it returns where the frame begins, or -1 when the header is broken. */
export function prismDecoder(fields: Fields): (event: Event, place: Place, start: number, end: number) => number {
  const base = fields.base(prism)
  const size = prism.fields.length
  const f = prism.at

  const item = (event: Event, place: Place, number: number, raw: number) => {
    const { radio } = place
    const value = raw | 0
    switch (number) {
      case 1:
        event.put(base + f.host, raw)
        break
      case 2:
        event.put(base + f.mactime, raw)
        radio.tsfHigh = 0
        radio.tsfLow = raw
        break
      case 3:
        event.put(base + f.channel, raw)
        if (raw > 0 && raw < 256) {
          radio.channel = raw
          radio.frequency = frequencyOf(raw, Number.NaN)
        }
        break
      case 4:
        event.put(base + f.rssi, value)
        break
      case 5:
        event.put(base + f.quality, value)
        break
      case 6:
        event.put(base + f.signal, value)
        // Some drivers give dBm, others a scale of their own that says nothing to others.
        if (value < 0 && value > -128) radio.signal = value
        break
      case 7:
        event.put(base + f.noise, value)
        if (value < 0 && value > -128) radio.noise = value
        break
      case 8:
        event.put(base + f.rate, raw)
        if (raw > 0 && raw < 1000) radio.rate = raw / 2
        if (raw === 2 || raw === 4 || raw === 11 || raw === 22) radio.phy = PHY.b
        break
      case 9:
        event.put(base + f.istx, raw)
        break
      case 10:
        event.put(base + f.frameLength, raw)
    }
  }

  return (event, place, start, end) => {
    const { bytes } = event
    event.claim(base, size)
    if (end - start < HEADER) return -1
    // The code is small, so its zero bytes tell the byte order.
    const big = bytes[start] === 0 && bytes[start + 3] !== 0
    const word = big ? u32be : u32
    const half = big ? u16be : u16
    const length = word(bytes, start + 4)
    event.put(base + f.code, word(bytes, start))
    event.put(base + f.length, length)
    if (length < HEADER || length > end - start) return -1
    for (let at = start + HEADER; at + ITEM <= start + length; at += ITEM) {
      const did = word(bytes, at)
      const status = half(bytes, at + 4)
      // Status 0: the value is there. The upper half of the number says which item; the lower one is the message code.
      if (status === 0 && half(bytes, at + 6) === 4) item(event, place, did >>> 16 > 0 ? did >>> 16 : did >>> 12, word(bytes, at + 8))
    }
    return start + length
  }
}
