/** The worker's half: a few bytes for each frame, enough for counting. */
import type { ByteWriter, Encoder, Event, PureContext } from '../../../core/plugin.ts'
import { HEARD_BYTES, NO_SIGNAL } from './heard.ts'

export function heardEncoder({ fields, field }: PureContext): Encoder {
  // Without a decoder in the route there are no such fields: frames are still counted.
  const known = (path: string) => (fields.find(path) ? field(path) : undefined)
  const [transmitter, bssid, signal, channel, ssid] = ['wlan.ta', 'wlan.bssid', 'wlan_radio.signal_dbm', 'wlan_radio.channel', 'wlan.ssid'].map(known)
  return {
    format: 'live/1',
    write(event: Event, into: ByteWriter) {
      into.reserve(HEARD_BYTES)
      const { view, pos } = into
      const dbm = signal?.number(event) ?? Number.NaN
      const name = named(event) ? ssid?.get(event) : undefined
      view.setUint8(pos, 1)
      view.setInt8(pos + 1, Number.isNaN(dbm) ? NO_SIGNAL : dbm)
      view.setUint16(pos + 2, channel?.number(event) || 0)
      putMac(view, pos + 4, transmitter?.number(event) || 0)
      putMac(view, pos + 10, bssid?.number(event) || 0)
      into.pos += HEARD_BYTES
      if (typeof name === 'string') into.text(name)
    },
  }

  /** Frames that a network sends in its own name. */
  function named(event: Event): boolean {
    return transmitter !== undefined && transmitter.number(event) === bssid?.number(event)
  }
}

function putMac(view: DataView, at: number, mac: number): void {
  view.setUint16(at, Math.floor(mac / 2 ** 32))
  view.setUint32(at + 2, mac % 2 ** 32)
}
