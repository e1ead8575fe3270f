/** `counts_only`: how many devices there were on each channel in each interval, and nothing else. */
import { createdId, type Emit, type Event, envelope, type Filter, idText, type PureContext } from '../../../core/plugin.ts'
import { isOfNobody } from './addresses.ts'
import { counts } from './fields.ts'
import type { Rekey } from './rekey.ts'

export interface CountsOptions {
  readonly interval_s: number
  readonly min_devices: number
  readonly max_devices: number
}

const ANNOUNCING = new Set([0x05, 0x08])
const UNKNOWN_CHANNEL = -1

interface Channel {
  readonly devices: Set<number>
  readonly accessPoints: Set<number>
  frames: number
  shed: number
}

/** @param rekey of the key as it is at a flush */
export function countsFilter({ interval_s, min_devices, max_devices }: CountsOptions, context: PureContext, rekey: () => Rekey): Filter {
  const { fields, sensor } = context
  const time = fields.base(envelope) + envelope.at.timestamp
  const idField = fields.base(envelope) + envelope.at.id
  const base = fields.base(counts)
  const number = (path: string) => fields.find(path)?.number ?? -1
  const kind = number('wlan.fc.type_subtype')
  const channels = [number('wlan_radio.channel'), number('kismet.channel')]
  const addresses = [number('wlan.ta'), number('kismet.mac')]
  const value = (event: Event, among: readonly number[]) => {
    for (const field of among) if (field >= 0 && event.present(field)) return event.a[field]
    return undefined
  }
  let window = Number.NaN
  let byChannel = new Map<number, Channel>()
  let remembered = 0
  let first = ''
  let last = ''

  function count(event: Event): void {
    const channel = value(event, channels) ?? UNKNOWN_CHANNEL
    let entry = byChannel.get(channel)
    if (!entry) byChannel.set(channel, (entry = { devices: new Set(), accessPoints: new Set(), frames: 0, shed: 0 }))
    const address = value(event, addresses)
    if (address !== undefined && !isOfNobody(address)) {
      const set = kind >= 0 && event.present(kind) && ANNOUNCING.has(event.a[kind]) ? entry.accessPoints : entry.devices
      if (!set.has(address)) {
        if (remembered === max_devices) {
          entry.shed++
          return
        }
        remembered++
        set.add(address)
      }
    }
    entry.frames++
  }

  function fill(event: Event, channel: number, { devices, accessPoints, frames, shed }: Channel): void {
    const start = window * interval_s
    const stations = [...devices].filter((address) => !accessPoints.has(address)).length
    const id = rekey().id(createdId(start, 0, 'wifi.counts', `${interval_s} ${channel}`, first, last))
    event.put(time, start, 0)
    event.put(idField, event.keep(id), id.length)
    event.set('event.kind', 'metric')
    event.set('event.dataset', 'wifi.counts')
    event.set('observer.name', sensor.name)
    event.put(base + counts.at.from, start, 0)
    event.put(base + counts.at.interval, interval_s)
    if (channel !== UNKNOWN_CHANNEL) event.put(base + counts.at.channel, channel)
    if (shed > 0) event.put(base + counts.at.shed, shed)
    if (stations < min_devices) {
      event.put(base + counts.at.suppressed, 1)
      return
    }
    event.put(base + counts.at.devices, stations)
    event.put(base + counts.at.accessPoints, accessPoints.size)
    event.put(base + counts.at.frames, frames)
  }

  return {
    hold_ms: interval_s * 1000,
    due: (event) => byChannel.size > 0 && Math.floor(event.a[time] / interval_s) !== window,
    apply(event) {
      const id = idText(event.view(event.a[idField], 24))
      if (byChannel.size === 0) {
        window = Math.floor(event.a[time] / interval_s)
        first = id
      }
      last = id
      count(event)
      return false
    },
    flush(emit: Emit) {
      const done = byChannel
      byChannel = new Map()
      remembered = 0
      for (const [channel, entry] of [...done].sort(([x], [y]) => x - y)) emit((event) => fill(event, channel, entry))
    },
  }
}
