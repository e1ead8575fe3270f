/** Records of a modern Kismet on their way into the backlog: by key and modification, what is said again is left out. */
import { Hasher } from '../hash.ts'
import type { Intake } from '../intake.ts'
import { KIND } from '../records.ts'
import type { Sensor } from '../sensor.ts'
import { alertKey, isTime, messageKey, ssidKey, timeOf } from './decode.ts'
import { find, isObject, type JsonObject, keyText, member, numberOf, textOf } from './find.ts'
import { ALERT_TIME, DEVICE_ID, LOCATION, MESSAGE_TIME, SOURCE, STATISTICS, type Wanted } from './names.ts'
import { halves } from './topics.ts'

const [KEY, MAC, MODIFIED, , TOTAL] = DEVICE_ID
/** Messages of these seconds are told apart from their repeats. */
const MESSAGE_MEMORY = 4096

export class ObjectIntake {
  readonly #intake: Intake
  readonly #sensor: Sensor
  /** Equal messages of one second that have gone on. */
  readonly #messages = new Map<string, number>()
  /** Equal samples since the last tick. */
  readonly #equal = new Map<number, number>()

  constructor(intake: Intake, sensor: Sensor) {
    this.#intake = intake
    this.#sensor = sensor
  }

  /** @returns the hash of the device's key; undefined when it is not a device, which the worker says */
  device(bytes: Buffer, snapshot: boolean): number | undefined {
    const record = parse(bytes)
    const about = record ? textOf(member(record, KEY)) || textOf(member(record, MAC)) : ''
    if (!record || about === '') {
      this.#odd(KIND.device, bytes)
      return undefined
    }
    const modified = numberOf(member(record, MODIFIED))
    const total = numberOf(member(record, TOTAL))
    const key = new Hasher().text('DEVICE').text(about).value
    const print = new Hasher().number(modified).number(total).value
    const { memory } = this.#intake
    if (snapshot && !memory.has(key) && this.#intake.covered(modified, true)) {
      this.#intake.repeats++
      memory.note(key, print)
      memory.keepTotal(key, total)
      return key
    }
    const delta = total - memory.total(key)
    const own = isTime(modified) ? modified : 0
    if (this.#intake.replace({ kind: KIND.device, key, print, own, delta: delta >= 0 ? delta : Number.NaN }, bytes)) memory.keepTotal(key, total)
    return key
  }

  /** @returns the alert's time */
  alert(bytes: Buffer): number {
    const record = parse(bytes)
    const time = record ? numberOf(member(record, ALERT_TIME)) : Number.NaN
    if (!record || !isTime(time)) {
      this.#odd(KIND.alert, bytes)
      return 0
    }
    const hash = new Hasher().text('ALERT').text(alertKey(record)).value
    this.#intake.replace({ kind: KIND.alert, key: hash, print: hash, own: time }, bytes)
    return time
  }

  /**
   * Two equal messages of a second are two.
   * @param listed of a reply with all messages that the server has, or of what came in while it was asked for: how often each has come in it
   * @returns the message's time
   */
  message(bytes: Buffer, listed?: Map<string, number>): number {
    const record = parse(bytes)
    const time = record ? numberOf(member(record, MESSAGE_TIME)) : Number.NaN
    if (!record || !isTime(time)) {
      this.#odd(KIND.message, bytes)
      return 0
    }
    const key = messageKey(record)
    const ordinal = (listed ?? this.#messages).get(key) ?? 0
    listed?.set(key, ordinal + 1)
    this.#messages.set(key, Math.max(this.#messages.get(key) ?? 0, ordinal + 1))
    if (this.#messages.size > MESSAGE_MEMORY) this.#messages.delete(this.#messages.keys().next().value as string)
    const hash = new Hasher().text('MESSAGE').text(key).number(ordinal).value
    this.#intake.replace({ kind: KIND.message, key: hash, print: hash, own: time, ordinal }, bytes)
    return time
  }

  source(bytes: Buffer): number {
    const record = parse(bytes)
    const uuid = record ? textOf(member(record, SOURCE[0].path[0])) : ''
    if (!record || uuid === '') {
      this.#odd(KIND.source, bytes)
      return 0
    }
    const of = (key: Wanted['key']) => find(record, SOURCE.find((one) => one.key === key)!)
    const print = new Hasher()
    for (const wanted of SOURCE) print.text(JSON.stringify(find(record, wanted) ?? null))
    const key = new Hasher().text('SOURCE').text(uuid).value
    this.#intake.replace({ kind: KIND.source, key, print: print.value, own: 0, ordinal: this.#ordinal(key, print.value) }, bytes)
    this.#sensor.source({
      uuid,
      name: textOf(of('interface')) || textOf(of('name')),
      type: textOf(of('source_type')),
      failed: Boolean(of('error')),
      warning: textOf(of('warning')),
      running: Boolean(of('running')) && !of('paused'),
      hops: Boolean(of('hop')),
      channel: keyText(of('channel')),
    })
    return numberOf(of('packets')) || 0
  }

  /**
   * An object of the event bus.
   * @param listed as for messages
   * @returns its topic, for who must do more about it
   */
  bus(bytes: Buffer, listed?: Map<string, number>): { topic: string; time: number } {
    const json = parse(bytes)
    let parts: ReturnType<typeof halves>
    try {
      if (!json) throw new Error('not JSON')
      parts = halves(json)
    } catch {
      this.#odd(KIND.bus, bytes)
      return { topic: '', time: 0 }
    }
    const { topic, device, record } = parts
    switch (topic) {
      case 'TIMESTAMP': {
        const now = timeOf(record) ?? 0
        if (now > this.#intake.now) this.#equal.clear()
        this.#intake.tick(now)
        return { topic, time: now }
      }
      case 'ALERT':
        return { topic, time: this.alert(Buffer.from(JSON.stringify(record))) }
      case 'MESSAGE':
        return { topic, time: this.message(Buffer.from(JSON.stringify(record)), listed) }
      case 'GPS_LOCATION':
        this.#changed(
          topic,
          record,
          ['geopoint', 'alt', 'fix', 'gps_uuid'].map((name) => member(record, LOCATION + name)),
          bytes,
        )
        break
      case 'STATISTICS':
        this.#changed(topic, record, [find(record, STATISTICS[0])], bytes)
        break
      case 'BATTERY':
        this.#changed(topic, record, record, bytes)
        break
      case 'DOT11_ADVERTISED_SSID':
      case 'DOT11_RESPONSE_SSID':
      case 'DOT11_PROBED_SSID': {
        const hash = new Hasher().text(topic).text(ssidKey(device, record)).value
        this.#intake.replace({ kind: KIND.bus, key: hash, print: hash, own: 0 }, bytes)
        break
      }
      default: {
        const hash = new Hasher().text(topic).text(bytes.toString('latin1')).value
        this.#intake.add({ kind: KIND.bus, key: hash, print: hash, own: 0, ordinal: this.#ordinal(new Hasher().text(topic).value, hash) }, bytes)
      }
    }
    return { topic, time: 0 }
  }

  /** A value of the moment goes on when it is another one than before. */
  #changed(topic: string, record: JsonObject, of: unknown, bytes: Buffer): void {
    const about = topic === 'GPS_LOCATION' ? textOf(member(record, `${LOCATION}gps_uuid`)) : ''
    const key = new Hasher().text(topic).text(about).value
    const print = new Hasher().text(JSON.stringify(of) ?? '').value
    this.#intake.replace({ kind: KIND.bus, key, print, own: 0, ordinal: this.#ordinal(key, print) }, bytes)
  }

  /** Something else than was asked for: the worker says what is wrong. The same again says nothing new. */
  #odd(kind: typeof KIND.device | typeof KIND.alert | typeof KIND.message | typeof KIND.source | typeof KIND.bus, bytes: Buffer): void {
    const hash = new Hasher().text(bytes.toString('latin1')).value
    this.#intake.replace({ kind, key: hash, print: hash, own: 0 }, bytes)
  }

  #ordinal(key: number, print: number): number {
    if (this.#intake.memory.knows(key, print)) return 0
    const ordinal = this.#equal.get(key) ?? 0
    this.#equal.set(key, ordinal + 1)
    return ordinal
  }
}

function parse(bytes: Buffer): JsonObject | undefined {
  try {
    const json: unknown = JSON.parse(bytes.toString('utf8'))
    return isObject(json) ? json : undefined
  } catch {
    return undefined
  }
}
