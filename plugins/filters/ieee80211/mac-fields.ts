/** What everybody asks for of the MAC header; `source` names the clause of IEEE 802.11-2020. */
import { fieldTable } from '../../../core/event/fields.ts'
import { FRAME_TYPES, WIRESHARK_FRAME_TYPES } from './names/frame-types.ts'

const address = { type: 'mac', class: 'device_address' } as const

/** What a device sends alike in frame after frame. */
export const wlan = fieldTable(
  'wlan',
  {
    typeSubtype: {
      path: 'wlan.fc.type_subtype',
      type: 'int',
      names: WIRESHARK_FRAME_TYPES,
      description: `Type and subtype: 0x08 beacon, 0x1d ack, 0x28 QoS data … Conditions take Wireshark's names too: "Beacon frame".`,
      source: '9.2.4.1.3',
    },
    typeName: { path: 'wlan.fc.name', type: 'name', names: FRAME_TYPES, description: 'The type and subtype by name.', source: '9.2.4.1.3' },
    retry: { path: 'wlan.fc.retry', type: 'bool', description: 'Sent again.', source: '9.2.4.1.6' },
    protected: { path: 'wlan.fc.protected', type: 'bool', description: 'The body is encrypted.', source: '9.2.4.1.9' },
    ta: { ...address, path: 'wlan.ta', description: 'Transmitter.', source: '9.2.4.3' },
    sa: { ...address, path: 'wlan.sa', description: 'Source.', source: '9.2.4.3' },
    bssid: { ...address, path: 'wlan.bssid', description: 'The BSS.', source: '9.2.4.3' },
    staa: { ...address, emit: 'full', path: 'wlan.staa', description: 'The station that is not the access point.', source: '9.2.4.3' },
    randomTa: {
      path: 'wlan.ta_random',
      type: 'bool',
      description: 'The transmitter address is locally administered, so likely random.',
      source: 'IEEE 802-2014 8.4',
    },
    tid: { path: 'wlan.qos.tid', type: 'int', description: 'Traffic id.', source: '9.2.4.5.2' },
    subframes: {
      path: 'wlan_aggregate.a_mdsu.length',
      type: 'int',
      list: true,
      unit: 'bytes',
      emit: 'full',
      description: 'Lengths of the subframes of an unencrypted A-MSDU.',
      source: '9.3.2.2',
    },
  },
  { repeats: true },
)

/** What differs from frame to frame, or, in answers to many, by the receiver. */
export const wlanVarying = fieldTable('wlan', {
  duration: { path: 'wlan.duration', type: 'int', unit: 'us', emit: 'full', description: 'Duration (NAV).', source: '9.2.4.2' },
  aid: { path: 'wlan.aid', type: 'int', emit: 'full', description: 'Association id of a PS-Poll.', source: '9.3.1.5' },
  ra: { ...address, path: 'wlan.ra', description: 'Receiver.', source: '9.2.4.3' },
  da: { ...address, path: 'wlan.da', description: 'Destination.', source: '9.2.4.3' },
  sequence: { path: 'wlan.seq', type: 'int', description: 'Sequence number.', source: '9.2.4.4' },
  fragment: { path: 'wlan.frag', type: 'int', emit: 'full', description: 'Fragment number.', source: '9.2.4.4' },
})
