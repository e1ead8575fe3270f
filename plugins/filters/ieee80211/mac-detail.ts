/** What only `emit: full` writes of frame control and QoS control: single flags and numbers, the same for all frames with the same bytes there. Decoded on demand. */
import type { Event } from '../../../core/event/event.ts'
import { type Fields, fieldTable } from '../../../core/event/fields.ts'
import { FRAME_KINDS } from './names/wireshark.ts'
import type { Place } from './place.ts'

const flag = { type: 'bool', emit: 'full' } as const
const full = { type: 'int', emit: 'full' } as const

export const wlanDetail = fieldTable(
  'wlan_detail',
  {
    control: { ...full, path: 'wlan.fc.value', alias: ['wlan.fc'], description: 'Frame control, as Wireshark shows it.', source: '9.2.4.1' },
    version: { ...full, path: 'wlan.fc.version', description: 'Protocol version; other than 0 means noise, or 802.11ah.', source: '9.2.4.1.2' },
    type: { ...full, path: 'wlan.fc.type', names: FRAME_KINDS, description: '0 management, 1 control, 2 data, 3 extension.', source: '9.2.4.1.3' },
    subtype: { ...full, path: 'wlan.fc.subtype', description: 'Subtype within its type.', source: '9.2.4.1.3' },
    ds: { ...full, path: 'wlan.fc.ds', description: 'To DS (1) and from DS (2).', source: '9.2.4.1.4' },
    tods: { ...flag, path: 'wlan.fc.tods', description: 'To the distribution system.', source: '9.2.4.1.4' },
    fromds: { ...flag, path: 'wlan.fc.fromds', description: 'From the distribution system.', source: '9.2.4.1.4' },
    moreFragments: { ...flag, path: 'wlan.fc.frag', description: 'More fragments follow.', source: '9.2.4.1.5' },
    powerManagement: { ...flag, path: 'wlan.fc.pwrmgt', description: 'The station goes to power save.', source: '9.2.4.1.7' },
    moreData: { ...flag, path: 'wlan.fc.moredata', description: 'More is buffered.', source: '9.2.4.1.8' },
    order: { ...flag, path: 'wlan.fc.order', description: '+HTC: an HT control field follows, or strict order.', source: '9.2.4.1.10' },
    eosp: { ...flag, path: 'wlan.qos.eosp', description: 'End of service period.', source: '9.2.4.5.3' },
    ackPolicy: { ...full, path: 'wlan.qos.ack', description: 'Ack policy.', source: '9.2.4.5.4' },
    amsduPresent: { ...flag, path: 'wlan.qos.amsdupresent', description: 'The body is an A-MSDU.', source: '9.2.4.5.9' },
    priority: { ...full, path: 'wlan.qos.priority', description: 'User priority: the lower three bits of the TID.', source: '9.2.4.5.2' },
  },
  { repeats: true },
)

const CONTROL = 1
const EXTENSION = 6
const FROM_DS = 0x200

/** Makes the decoder of the table. */
export function macDetailDecoder(fields: Fields, place: Place): (event: Event) => void {
  const base = fields.base(wlanDetail)
  const size = wlanDetail.fields.length
  const f = wlanDetail.at

  return (event) => {
    const { bytes } = event
    const { control, mac } = place
    event.claim(base, size)
    event.put(base + f.control, (bytes[mac] << 8) | bytes[mac + 1])
    event.put(base + f.version, control & 3)
    if (control & 3) return
    const type = (control >> 2) & 3
    const subtype = (control >> 4) & 15
    const flags = type === CONTROL && subtype === EXTENSION ? (control >> 8) & 0xf0 : control >> 8
    event.put(base + f.type, type)
    event.put(base + f.subtype, subtype)
    event.put(base + f.ds, flags & 3)
    event.put(base + f.tods, flags & 1)
    event.put(base + f.fromds, (flags >> 1) & 1)
    event.put(base + f.moreFragments, (flags >> 2) & 1)
    event.put(base + f.powerManagement, (flags >> 4) & 1)
    event.put(base + f.moreData, (flags >> 5) & 1)
    event.put(base + f.order, flags >> 7)
    if (place.qos < 0) return
    const qos = bytes[place.qos]
    event.put(base + f.priority, qos & 7)
    if (control & FROM_DS) event.put(base + f.eosp, (qos >> 4) & 1)
    event.put(base + f.ackPolicy, (qos >> 5) & 3)
    event.put(base + f.amsduPresent, (qos >> 7) & 1)
  }
}
