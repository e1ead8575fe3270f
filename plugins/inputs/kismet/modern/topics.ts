/** Topics of the event bus. */
import { isObject, type JsonObject } from './find.ts'
import { askFor, SOURCE, SSID, SSID_DEVICE } from './names.ts'

type Fields = ReturnType<typeof askFor>

/** A field that no record has had yet is not known to the server: only those of the kind are asked for. */
const ofKind = (prefix: string): Fields =>
  askFor(
    SSID_DEVICE,
    SSID.filter(({ path }) => path[0].startsWith(prefix)),
  )

/** What is subscribed, each with the fields that are wanted of it; without fields all come, which are few. */
export const TOPICS: Readonly<Record<string, Fields | undefined>> = {
  TIMESTAMP: undefined,
  MESSAGE: undefined,
  ALERT: undefined,
  GPS_LOCATION: undefined,
  BATTERY: undefined,
  STATISTICS: undefined,
  DOT11_ADVERTISED_SSID: ofKind('dot11.advertisedssid.'),
  DOT11_RESPONSE_SSID: ofKind('dot11.advertisedssid.'),
  DOT11_PROBED_SSID: ofKind('dot11.probedssid.'),
  DOT11_WPA_HANDSHAKE: askFor(SSID_DEVICE),
  NEW_DATASOURCE: askFor(SOURCE),
  DATASOURCE_OPENED: askFor(SOURCE),
  DATASOURCE_CLOSED: askFor(SOURCE),
  DATASOURCE_ERROR: askFor(SOURCE),
  DATASOURCE_PAUSED: askFor(SOURCE),
  DATASOURCE_RESUMED: askFor(SOURCE),
}

/** Member that holds the device in events about one of its SSIDs or handshakes. */
const DEVICE_HALF = /_BASEDEV$/

/**
 * Which topic an object of the bus is of, and its parts. Most have one member, named after the topic; those about SSIDs have the device beside it.
 * @throws Error when it has no member that is an object
 */
export function halves(json: JsonObject): { topic: string; device: JsonObject; record: JsonObject } {
  let topic: string | undefined
  let device: JsonObject = {}
  let record: JsonObject = {}
  for (const [name, value] of Object.entries(json)) {
    if (!isObject(value)) continue
    if (DEVICE_HALF.test(name)) device = value
    else if (topic === undefined) {
      topic = name.replace(/_DOT11$/, '')
      record = value
    }
  }
  if (topic === undefined) throw new Error('an object of no topic')
  return { topic, device, record }
}
