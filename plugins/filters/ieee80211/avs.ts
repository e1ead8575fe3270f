/** AVS capture header: big-endian words behind a magic, of version 1 or 2. */
import type { Event } from '../../../core/event/event.ts'
import { type Fields, fieldTable } from '../../../core/event/fields.ts'
import { u32be } from './bytes.ts'
import type { Place } from './place.ts'
import { frequencyOf, PHY } from './radio.ts'

const full = { type: 'int', emit: 'full', source: 'AVS' } as const

export const avs = fieldTable('wlancap', {
  version: { ...full, path: 'wlancap.version', description: 'Version of the header.' },
  length: { ...full, path: 'wlancap.length', unit: 'bytes', description: 'Length of the header.' },
  mactime: { ...full, type: 'u64', path: 'wlancap.mactime', unit: 'us', description: 'Time of the receiving device.' },
  hosttime: { ...full, type: 'u64', path: 'wlancap.hosttime', description: 'Time of the host.' },
  phy: { ...full, path: 'wlancap.phytype', description: 'PHY: 1 FHSS, 2 DSSS, 3 IR, 4 DSSS 11b, 5 PBCC, 6 OFDM g, 8 OFDM a.' },
  channel: { ...full, path: 'wlancap.channel', description: 'Channel number.' },
  rate: { ...full, path: 'wlancap.data_rate', unit: 'b/s', description: 'Rate.' },
  antenna: { ...full, path: 'wlancap.antenna', description: 'Antenna.' },
  signalType: { ...full, path: 'wlancap.ssi_type', description: '1: normalised RSSI, 2: dBm, 3: raw RSSI.' },
  signal: { ...full, path: 'wlancap.dbm_antsignal', unit: 'dBm', description: 'Signal.' },
  noise: { ...full, path: 'wlancap.dbm_antnoise', unit: 'dBm', description: 'Noise.' },
  rssi: { ...full, path: 'wlancap.rawrssi_antsignal', description: 'Signal in units of the device.' },
})

/** Upper bytes of the magic; the lower twelve bits are the version. */
export const AVS_MAGIC = 0x80211000
const MIN_LENGTH = 64
const DBM = 2
const PHYS: Readonly<Record<number, number>> = { 1: PHY.fhss, 2: PHY.dsss, 3: PHY.ir, 4: PHY.b, 5: PHY.b, 6: PHY.g, 8: PHY.a }

/** Whether an AVS header may begin here. */
export function isAvs(bytes: Uint8Array, at: number, end: number): boolean {
  return at + 4 <= end && (u32be(bytes, at) & 0xfffff000) >>> 0 === AVS_MAGIC
}

/** Makes the decoder: it returns where the frame begins, or -1 when the header is broken. */
export function avsDecoder(fields: Fields): (event: Event, place: Place, start: number, end: number) => number {
  const base = fields.base(avs)
  const size = avs.fields.length
  const f = avs.at
  return (event, place, start, end) => {
    const { bytes } = event
    event.claim(base, size)
    if (end - start < MIN_LENGTH || !isAvs(bytes, start, end)) return -1
    const length = u32be(bytes, start + 4)
    event.put(base + f.version, u32be(bytes, start) & 0xfff)
    event.put(base + f.length, length)
    if (length < MIN_LENGTH || length > end - start) return -1
    const { radio } = place
    event.put(base + f.mactime, (radio.tsfHigh = u32be(bytes, start + 8)), (radio.tsfLow = u32be(bytes, start + 12)))
    event.put(base + f.hosttime, u32be(bytes, start + 16), u32be(bytes, start + 20))
    const phy = u32be(bytes, start + 24)
    event.put(base + f.phy, phy)
    radio.phy = PHYS[phy] ?? Number.NaN
    // For FHSS the word holds the hop, not a channel.
    const channel = u32be(bytes, start + 28)
    if (phy !== 1) {
      event.put(base + f.channel, channel)
      if (channel > 0 && channel < 256) {
        radio.channel = channel
        radio.frequency = frequencyOf(channel, radio.phy)
      }
    }
    // Old drivers count in 100 kb/s, new ones in b/s; no rate is below 100 kb/s, none above 10 Gb/s in the old unit.
    const rate = u32be(bytes, start + 32)
    const bps = rate < 100000 ? rate * 100000 : rate
    if (rate !== 0) {
      event.put(base + f.rate, bps)
      radio.rate = bps / 1e6
    }
    event.put(base + f.antenna, u32be(bytes, start + 36))
    const type = u32be(bytes, start + 44)
    event.put(base + f.signalType, type)
    const signal = u32be(bytes, start + 48) | 0
    const noise = u32be(bytes, start + 52) | 0
    if (type === DBM) {
      event.put(base + f.signal, (radio.signal = signal))
      if (noise !== 0) event.put(base + f.noise, (radio.noise = noise))
    } else if (type !== 0) event.put(base + f.rssi, signal)
    return start + length
  }
}
