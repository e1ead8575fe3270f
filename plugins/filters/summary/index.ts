/**
 * Sums up what was heard of each network, station and channel, instead of the frames. Intervals follow capture time: the first frame behind the end of one
 * lets go of all its summaries. Where a network gets another name or channel, or a station another network, its summary ends there and a new one begins.
 */
import { createdId, digest, type Emit, type Event, envelope, type FilterPlugin, frame, idText } from '../../../core/plugin.ts'
import { OF, summary } from './fields.ts'
import { Group, type Heard } from './group.ts'

const config = {
  type: 'object',
  additionalProperties: false,
  properties: {
    of: {
      type: 'array',
      items: { enum: ['bssid', 'station', 'channel'] },
      minItems: 1,
      uniqueItems: true,
      default: ['bssid', 'station', 'channel'],
      description: 'What is summed up.',
    },
    interval_s: { type: 'integer', minimum: 1, maximum: 86_400, default: 60, description: 'Length of an interval of capture time.' },
    max_groups: {
      type: 'integer',
      minimum: 1,
      maximum: 1_000_000,
      default: 10_000,
      description: 'Networks, stations and channels together; when there are more, the summary that began first is let go early, and counted.',
    },
  },
} as const

const PROBE_REQUEST = 4
const PROBE_RESPONSE = 5
const BEACON = 8
const LAST_TYPE = 0x2f
const GROUP_BIT = 2 ** 40
/** Changes of one group in an interval that end its summary: an access point that alternates must not make one of every frame. */
const MOST_CHANGES = 10

export default {
  kind: 'filter',
  state: 'withholds',
  summary: 'Sums up frames by network, station and channel, for each interval and when something changes.',
  config,
  fields: [summary],
  create({ of, interval_s, max_groups }, context) {
    const { fields, field } = context
    const base = fields.base(summary)
    const f = summary.at
    const time = fields.base(envelope) + envelope.at.timestamp
    const idAt = fields.base(envelope) + envelope.at.id
    const length = fields.base(frame) + frame.at.len
    const type = field('wlan.fc.type_subtype')
    const retry = field('wlan.fc.retry')
    const transmitter = field('wlan.ta')
    const station = field('wlan.staa')
    const network = field('wlan.bssid')
    const channel = field('wlan_radio.channel')
    const signal = field('wlan_radio.signal_dbm')
    const ssid = field('wlan.ssid').field
    const ssidHex = field('wlan.ssid_hex').field
    const nameOf = digest([ssidHex])
    const heard: Heard = { seconds: 0, nanos: 0, id: new Uint8Array(24), bytes: 0, kind: 0, retry: false, signal: 0, channel: 0, bssid: 0 }

    /** In the order in which they began. */
    const groups = new Map<string, Group>()
    /** By group, how often it has changed in this interval. */
    const changes = new Map<string, number>()
    let window = 0
    let shed = 0

    return {
      hold_ms: (interval_s + 5) * 1000,
      shed: () => shed,
      due(event) {
        if (groups.size === 0) return false
        const at = Math.floor(event.a[time] / interval_s)
        // A record that comes late is summed up with those it came with.
        return at > window || at < window - 1
      },
      apply(event, emit) {
        const what = type.number(event)
        if (Number.isNaN(what)) return
        if (groups.size === 0) window = Math.floor(event.a[time] / interval_s)
        read(event, what)
        const bssid = isOne(heard.bssid) ? heard.bssid : Number.NaN
        if (of.includes('bssid') && !Number.isNaN(bssid)) {
          const named = (what === BEACON || what === PROBE_RESPONSE) && transmitter.number(event) === bssid
          count(event, emit, OF.bssid, bssid, named)
        }
        if (of.includes('station')) {
          const who = what === PROBE_REQUEST ? transmitter.number(event) : station.number(event)
          if (isOne(who)) count(event, emit, OF.station, who, false)
        }
        if (of.includes('channel') && !Number.isNaN(heard.channel)) count(event, emit, OF.channel, heard.channel, false)
        return false
      },
      flush(emit) {
        for (const group of groups.values()) tell(group, emit)
        groups.clear()
        changes.clear()
      },
    }

    function read(event: Event, what: number): void {
      heard.seconds = event.a[time]
      heard.nanos = event.b[time]
      heard.id.set(event.view(event.a[idAt], 24))
      heard.bytes = event.present(length) ? event.a[length] : 0
      heard.kind = what <= LAST_TYPE ? what >> 4 : what > 0xff ? 1 : Number.NaN
      heard.retry = retry.number(event) === 1
      heard.signal = signal.number(event)
      heard.channel = channel.number(event)
      heard.bssid = network.number(event)
    }

    /** Adds the frame to a group; ends the group's summary first where the frame shows that something has changed. */
    function count(event: Event, emit: Emit, of: number, key: number, named: boolean): void {
      const id = `${of} ${key}`
      const name = named ? nameOf(event) : Number.NaN
      let group = groups.get(id)
      const changed = group && changeOf(group, name)
      const before = changes.get(id) ?? 0
      if (group && changed !== undefined && before < MOST_CHANGES) {
        changes.set(id, before + 1)
        groups.delete(id)
        tell(group, emit, changed)
        group = undefined
      }
      if (!group) {
        if (groups.size === max_groups) {
          const [oldest, first] = groups.entries().next().value!
          groups.delete(oldest)
          changes.delete(oldest)
          tell(first, emit)
          shed++
        }
        group = new Group(of, key)
        groups.set(id, group)
      }
      group.add(heard)
      if (Number.isNaN(name) || name === group.name) return
      group.name = name
      group.ssid = copy(event, ssid.number)
      group.ssidHex = copy(event, ssidHex.number)
    }

    /** The field in which a frame differs from what the group is known for; a name only by frames that tell one. */
    function changeOf(group: Group, name: number): string | undefined {
      if (group.of === OF.bssid) {
        if (differs(group.name, name)) return 'wlan.ssid'
        if (!Number.isNaN(name) && differs(group.channel, heard.channel)) return 'wlan_radio.channel'
      }
      return group.of === OF.station && isOne(heard.bssid) && differs(group.bssid, heard.bssid) ? 'wlan.bssid' : undefined
    }

    function copy(event: Event, number: number): Uint8Array | undefined {
      return event.present(number) ? event.view(event.a[number], event.b[number]).slice() : undefined
    }

    function tell(group: Group, emit: Emit, changed?: string): void {
      emit((event) => {
        const id = createdId(group.end, group.endNanos, 'summary', `${group.of} ${group.key}`, idText(group.firstId), idText(group.lastId))
        event.put(time, group.end, group.endNanos)
        event.put(idAt, event.keep(id), id.length)
        event.set('event.kind', 'metric')
        event.set('event.dataset', 'wifi.summary')
        event.set('observer.name', context.sensor.name)
        event.put(base + f.of, group.of)
        if (group.of === OF.bssid) event.put(base + f.bssid, group.key)
        else if (isOne(group.bssid) && group.of === OF.station) event.put(base + f.bssid, group.bssid)
        if (group.of === OF.station) event.put(base + f.station, group.key)
        if (!Number.isNaN(group.channel)) event.put(base + f.channel, group.channel)
        if (group.ssid) event.put(base + f.ssid, event.keep(group.ssid), group.ssid.length)
        if (group.ssidHex) event.put(base + f.ssidHex, event.keep(group.ssidHex), group.ssidHex.length)
        event.put(base + f.start, group.start, group.startNanos)
        event.put(base + f.end, group.end, group.endNanos)
        event.put(base + f.frames, group.frames)
        event.put(base + f.bytes, group.bytes)
        event.put(base + f.management, group.kinds[0])
        event.put(base + f.control, group.kinds[1])
        event.put(base + f.data, group.kinds[2])
        event.put(base + f.retries, group.retries)
        if (group.signals > 0) {
          event.put(base + f.signalMin, group.signalMin)
          event.put(base + f.signalMax, group.signalMax)
          event.put(base + f.signalMean, Math.round((group.signalSum / group.signals) * 100) / 100)
        }
        if (changed !== undefined) event.set('summary.changed', changed)
      })
    }
  },
} satisfies FilterPlugin<typeof config>

/** Neither a group address nor all zeros; NaN is no address. */
function isOne(address: number): boolean {
  return address > 0 && Math.floor(address / GROUP_BIT) % 2 === 0
}

/** Whether both are known and not the same. */
function differs(before: number, now: number): boolean {
  return before !== now && !Number.isNaN(before) && !Number.isNaN(now)
}
