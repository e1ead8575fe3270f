/**
 * The sentences of the legacy protocol: their fields in the order of `ENABLE … *`, what a record of each is about, and when it was.
 * Source: kismet-2016-07-R1, checked against a running server.
 */
import type { RecordKey } from '../fields.ts'

export interface SentenceForm {
  /** Fields as the server offers them. */
  readonly fields: readonly string[]
  /** What it is about: the record that a later one of the same key replaces. Empty: each line stands for itself. */
  readonly key: readonly string[]
  /**
   * When it was: `lasttime`, seconds that are in the record; `alert`, sec and usec; `sample`, a value of the moment, whose time is the server's clock;
   * `content`, no time at all: the same key and words are the same record; `said`, as it happens, never repeated by the server.
   */
  readonly clock: 'lasttime' | 'alert' | 'sample' | 'content' | 'said'
  /** Counters that with key and time say which state of the record it is. Like `key` and the time they are always asked for. */
  readonly counters: readonly string[]
  /** Counted since the last push to all clients, and not reset by the snapshot at ENABLE. */
  readonly deltas: readonly string[]
  /** Broken in the server's output: never asked for. */
  readonly broken: readonly string[]
  /** Fields that go under another key of the record table than their own name; undefined ones are not kept. */
  readonly names: Readonly<Record<string, RecordKey | undefined>>
}

function sentence(clock: SentenceForm['clock'], fields: string, more: Partial<Omit<SentenceForm, 'clock' | 'fields'>> = {}): SentenceForm {
  return { clock, fields: fields.split(' '), key: [], counters: [], deltas: [], broken: [], names: {}, ...more }
}

const LEVELS =
  'signal_dbm noise_dbm minsignal_dbm minnoise_dbm maxsignal_dbm maxnoise_dbm signal_rssi noise_rssi minsignal_rssi minnoise_rssi maxsignal_rssi maxnoise_rssi'
const BOX = 'gpsfixed minlat minlon minalt minspd maxlat maxlon maxalt maxspd'
const COUNTS = ['llcpackets', 'datapackets', 'cryptpackets', 'datasize']
const DELTAS = ['fragments', 'retries', 'newpackets']

export const SENTENCES: Readonly<Record<string, SentenceForm>> = {
  BSSID: sentence(
    'lasttime',
    `bssid type llcpackets datapackets cryptpackets manuf channel firsttime lasttime atype rangeip netmaskip gatewayip ${BOX} ${LEVELS} bestlat bestlon bestalt agglat agglon aggalt aggpoints datasize turbocellnid turbocellmode turbocellsat carrierset maxseenrate encodingset decrypted dupeivpackets bsstimestamp cdpdevice cdpport fragments retries newpackets freqmhz datacryptset`,
    { key: ['bssid'], counters: COUNTS, deltas: DELTAS },
  ),
  SSID: sentence(
    'lasttime',
    'mac checksum type ssid beaconinfo cryptset cloaked firsttime lasttime maxrate beaconrate packets beacons dot11d wps wps_manuf wps_device_name wps_model_name wps_model_number shown_msg_probe_nearby_ap',
    {
      key: ['mac', 'checksum', 'type'],
      counters: ['packets'],
      deltas: ['beacons'],
      // `wps` is a raw byte, which may be NUL or the quote; the texts behind it are not quoted though they hold spaces.
      broken: ['wps', 'wps_manuf', 'wps_device_name', 'wps_model_name', 'wps_model_number', 'shown_msg_probe_nearby_ap'],
      names: { shown_msg_probe_nearby_ap: undefined },
    },
  ),
  CLIENT: sentence(
    'lasttime',
    `bssid mac type firsttime lasttime manuf llcpackets datapackets cryptpackets ${BOX} agglat agglon aggalt aggpoints ${LEVELS} bestlat bestlon bestalt atype ip gatewayip datasize maxseenrate encodingset carrierset decrypted channel fragments retries newpackets freqmhz cdpdevice cdpport dot11d dhcphost dhcpvendor datacryptset`,
    {
      key: ['bssid', 'mac'],
      counters: COUNTS,
      deltas: DELTAS,
      // Emitted once for each range, cumulatively, with a closing quote each time.
      broken: ['dot11d'],
    },
  ),
  BSSIDSRC: sentence('lasttime', `bssid uuid lasttime numpackets ${LEVELS}`, { key: ['bssid', 'uuid'], counters: ['numpackets'] }),
  CLISRC: sentence('lasttime', `bssid mac uuid lasttime numpackets ${LEVELS}`, { key: ['bssid', 'mac', 'uuid'], counters: ['numpackets'] }),
  ALERT: sentence('alert', 'sec usec header bssid source dest other channel text', {
    key: ['sec', 'usec', 'header', 'bssid', 'source', 'dest', 'other', 'text'],
    names: { sec: undefined, usec: undefined },
  }),
  GPS: sentence('sample', 'lat lon alt spd heading fix satinfo hdop vdop connected'),
  INFO: sentence('sample', 'networks packets crypt noise dropped rate filtered clients llcpackets datapackets numsources numerrorsources', {
    names: { crypt: 'crypt_packets', noise: 'noise_packets' },
  }),
  SOURCE: sentence('sample', 'interface type username channel uuid packets hop velocity dwell hop_time_sec hop_time_usec channellist error warning', {
    key: ['uuid'],
    names: { type: 'source_type' },
  }),
  CHANNEL: sentence(
    'sample',
    'channel time_on packets packetsdelta usecused bytes bytesdelta networks maxsignal_dbm maxsignal_rssi maxnoise_dbm maxnoise_rssi activenetworks',
    { key: ['channel'] },
  ),
  BATTERY: sentence('sample', 'percentage charging ac remaining'),
  STATUS: sentence('said', 'text flags'),
  STRING: sentence('said', 'bssid source dest string'),
  NETTAG: sentence('content', 'bssid tag value', { key: ['bssid', 'tag'] }),
  CLITAG: sentence('content', 'bssid mac tag value', { key: ['bssid', 'mac', 'tag'] }),
  PLUGIN: sentence('content', 'filename name version description unloadable root', { key: ['filename', 'name'] }),
  CRITFAIL: sentence('content', 'id time message', { key: ['id', 'time'], names: { id: 'failure_id', time: undefined, message: 'text' } }),
  WEPKEY: sentence('content', 'origin bssid key encrypted failed', { key: ['bssid', 'key'], names: { key: 'wepkey' } }),
  // Of plugins.
  SPECTRUM: sentence('said', 'devname amp_offset_mdbm amp_res_mdbm rssi_max start_khz res_hz num_samples samples', {
    names: { devname: 'interface' },
  }),
  BTSCANDEV: sentence('lasttime', `bdaddr name class firsttime lasttime packets ${BOX} agglat agglon aggalt`, {
    key: ['bdaddr'],
    counters: ['packets'],
    names: { bdaddr: 'mac', class: 'bt_class' },
  }),
}

/** Sentences of the protocol itself, on without asking. */
export const MANDATORY: ReadonlySet<string> = new Set(['KISMET', 'ERROR', 'ACK', 'PROTOCOLS', 'CAPABILITY', 'TERMINATE', 'TIME'])

/** Offered, but never sent (PACKET, REMOVE, COMMON, TRACKINFO), or with names that do not fit their values (COMMON). */
export const USELESS: ReadonlySet<string> = new Set(['PACKET', 'REMOVE', 'COMMON', 'TRACKINFO'])

/** Subscribed by default, and sentences of plugins that are not known here. Keys are only for those who ask for them. */
export const USUAL: readonly string[] = Object.keys(SENTENCES).filter((name) => name !== 'WEPKEY')

/** A sentence that only its plugin knows: each line stands for itself. */
export function formOf(name: string): SentenceForm {
  return SENTENCES[name] ?? OTHER
}

const OTHER = sentence('said', '')

/** Fields without which a record could not be told from others: asked for whatever the user wants. */
export function identifying({ clock, key, counters }: SentenceForm): string[] {
  return [...key, ...(clock === 'lasttime' ? ['lasttime'] : []), ...counters]
}
