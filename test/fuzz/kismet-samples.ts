/** What the fuzz of the Kismet input begins with: lines and objects of its own, and those of transcripts where they are at hand. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { SENTENCES } from '../../plugins/inputs/kismet/legacy/sentences.ts'
import { askFor, DEVICE } from '../../plugins/inputs/kismet/modern/names.ts'
import { KIND, type Kind } from '../../plugins/inputs/kismet/records.ts'
import { render } from '../peers/kismet-legacy/render.ts'
import type { Row } from '../peers/kismet-legacy/server.ts'
import { choose, type Json } from '../peers/kismet-modern/choose.ts'

export interface SampleObject {
  readonly kind: Kind
  readonly json: Json
}

export interface Samples {
  /** Of the sentences as the input subscribes them. */
  readonly lines: readonly string[]
  readonly objects: readonly SampleObject[]
}

/** Fields that are subscribed of each sentence. */
export const SUBSCRIBED: Readonly<Record<string, readonly string[]>> = {
  ...Object.fromEntries(Object.entries(SENTENCES).map(([name, { fields, broken }]) => [name, fields.filter((field) => !broken.includes(field))])),
  OF_A_PLUGIN: ['one', 'two', 'three'],
}

const NOW = 1_800_000_000
const ROW: Row = {
  bssid: '00:0B:86:C2:A4:85',
  mac: '2C:F0:A2:DD:BC:D0',
  bdaddr: '2C:F0:A2:DD:BC:D0',
  lasttime: NOW,
  firsttime: NOW - 50,
  sec: NOW,
  usec: 123456,
  header: 'DEAUTHFLOOD',
  source: '2C:F0:A2:DD:BC:D0',
  text: 'Deauth flood on \\262\\342',
  ssid: 'caf\\303\\251',
  manuf: 'Some, Inc.',
  signal_dbm: -50,
  bestlat: 40.1235,
  bestlon: -74.6543,
  lat: 40.123456,
  lon: -74.654321,
  fix: 3,
  gpsfixed: 1,
  freqmhz: '2437:15*2442:3*',
  satinfo: '1:2:3,4',
  channellist: '1:3,6:3',
  bsstimestamp: '18446744073709551615',
  cryptset: 2097858,
  samples: '1:2:3',
  uuid: 'b4b1a1e2',
  tag: 'a tag',
  value: '',
}

function ownLines(): string[] {
  const names = Object.keys(SUBSCRIBED)
  return names.flatMap((name) => [render(name, SUBSCRIBED[name], {}), render(name, SUBSCRIBED[name], ROW)])
}

const BASE = 'kismet.device.base.'
const PLACE = { 'kismet.common.location.geopoint': [-74.654321, 40.123456], 'kismet.common.location.alt': 55, 'kismet.common.location.fix': 3 }

function ownObjects(): SampleObject[] {
  const device: Record<string, Json> = {
    [`${BASE}key`]: '4202770D00000000_1',
    [`${BASE}macaddr`]: '2C:F0:A2:DD:BC:D0',
    [`${BASE}mod_time`]: NOW,
    [`${BASE}last_time`]: NOW,
    [`${BASE}packets.total`]: 7,
    [`${BASE}channel`]: '6HT40',
    [`${BASE}freq_khz_map`]: { '2437000': 4 },
    [`${BASE}seenby`]: [{ 'kismet.common.seenby.uuid': 'u' }],
    [`${BASE}signal`]: { 'kismet.common.signal.last_signal': -50, 'kismet.common.signal.peak_loc': PLACE },
    [`${BASE}location`]: { 'kismet.common.location.avg_loc': PLACE },
    'dot11.device': {
      'dot11.device.last_bssid': '00:0B:86:C2:A4:85',
      'dot11.device.bss_timestamp': 2 ** 60,
      'dot11.device.last_beaconed_ssid_record': { 'dot11.advertisedssid.ssid': 'caf\\u00e9', 'dot11.advertisedssid.ssidlen': 5 },
    },
  }
  const alert = { 'kismet.alert.header': 'X', 'kismet.alert.timestamp': NOW + 0.123456, 'kismet.alert.channel': '6', 'kismet.alert.text': 'y' }
  const message = { 'kismet.messagebus.message_string': 'hello', 'kismet.messagebus.message_flags': 2, 'kismet.messagebus.message_time': NOW }
  const source = { 'kismet.datasource.uuid': 'u', 'kismet.datasource.running': 1, 'kismet.datasource.hop_rate': 5.5, 'kismet.datasource.error': 0 }
  const ssid = { 'dot11.advertisedssid.ssid': 'net', 'dot11.advertisedssid.ssidlen': 3, 'dot11.advertisedssid.first_time': NOW }
  return [
    { kind: KIND.device, json: device },
    { kind: KIND.device, json: choose(device, askFor(DEVICE)) },
    { kind: KIND.alert, json: alert },
    { kind: KIND.message, json: message },
    { kind: KIND.source, json: source },
    ...topics(device, alert, message, source, ssid).map((json) => ({ kind: KIND.bus, json })),
  ]
}

function topics(device: Json, alert: Json, message: Json, source: Json, ssid: Json): Json[] {
  return [
    { TIMESTAMP: { 'kismet.system.timestamp.sec': NOW } },
    { ALERT: alert },
    { MESSAGE: message },
    { GPS_LOCATION: { ...PLACE, 'kismet.common.location.time_sec': NOW } },
    { BATTERY: { 'kismet.system.battery.percentage': 50, 'kismet.system.battery.charging': 'charged' } },
    { STATISTICS: { 'kismet.system.devices.count': 3 } },
    { DATASOURCE_ERROR: source },
    { DOT11_NEW_SSID_BASEDEV: device, DOT11_ADVERTISED_SSID: ssid },
    { SOMETHING_NEW: { a: 1, b: 'c' } },
  ]
}

/** @param folder of transcripts; only our own samples without it */
export function readTranscripts(folder: string | undefined): Samples {
  const lines = ownLines()
  const objects = ownObjects()
  if (folder !== undefined) {
    const files = (name: string, ending: string) => {
      const from = join(folder, name)
      return readdirSync(from)
        .filter((file) => file.endsWith(ending))
        .flatMap((file) => readFileSync(join(from, file), 'latin1').split('\n'))
    }
    lines.push(...files('kismet-legacy', '.raw.txt').filter((line) => line.startsWith('*')))
    for (const line of files('kismet-modern', '.jsonl')) {
      const { dir, json } = line === '' ? {} : (JSON.parse(Buffer.from(line, 'latin1').toString('utf8')) as { dir?: string; json?: Json })
      if (dir !== 'S' || json === null || typeof json !== 'object') continue
      objects.push({ kind: Object.keys(json).some((name) => name.includes('.')) ? KIND.device : KIND.bus, json })
    }
  }
  return { lines, objects }
}
