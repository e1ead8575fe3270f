/** EAPOL (IEEE 802.1X-2020 clause 11) and the key frames of the 4-way and group handshakes (IEEE 802.11-2020 clause 12.7.2). */
import type { Event } from '../../../core/event/event.ts'
import { type Fields, fieldTable } from '../../../core/event/fields.ts'
import { u16be, u32be } from './bytes.ts'
import { EAP_CODES, EAP_TYPES, EAPOL_KEYS, EAPOL_TYPES } from './names/wireshark.ts'
import type { Place } from './place.ts'
import { putText } from './put.ts'

const full = { type: 'int', emit: 'full' } as const
const hex = { type: 'bytes', emit: 'full' } as const

export const eapol = fieldTable('eapol', {
  version: { ...full, path: 'eapol.version', description: 'Version.', source: '802.1X 11.3.1' },
  type: { path: 'eapol.type', names: EAPOL_TYPES, type: 'int', description: '0 EAP, 1 start, 2 logoff, 3 key.', source: '802.1X 11.3.2' },
  length: { ...full, path: 'eapol.len', unit: 'bytes', description: 'Length of the body.', source: '802.1X 11.3.3' },
  descriptor: { ...full, path: 'eapol.keydes.type', names: EAPOL_KEYS, description: 'Key descriptor: 2 RSN, 254 WPA, 1 RC4.', source: '12.7.2' },
  message: {
    path: 'wlan_rsna_eapol.keydes.msgnr',
    type: 'int',
    description: 'Which message of the 4-way handshake, 1 to 4, or of the group handshake, 1 or 2.',
    source: '12.7.6',
  },
  info: { ...full, path: 'wlan_rsna_eapol.keydes.key_info', description: 'Key information.', source: '12.7.2' },
  group: { path: 'wlan_rsna_eapol.keydes.group', type: 'bool', description: 'The group handshake, not the 4-way handshake.', source: '12.7.2' },
  keyLength: { ...full, path: 'eapol.keydes.key_len', unit: 'bytes', description: 'Length of the key.', source: '12.7.2' },
  replay: { path: 'eapol.keydes.replay_counter', type: 'u64', description: 'Replay counter.', source: '12.7.2' },
  // With the addresses and the name of the network, these are what passwords are guessed from.
  nonce: { ...hex, class: 'payload', path: 'wlan_rsna_eapol.keydes.nonce', description: 'Nonce.', source: '12.7.2' },
  iv: { ...hex, path: 'eapol.keydes.key_iv', description: 'Key IV.', source: '12.7.2' },
  rsc: { ...hex, path: 'wlan_rsna_eapol.keydes.rsc', description: 'Receive sequence counter.', source: '12.7.2' },
  mic: { ...hex, class: 'payload', path: 'wlan_rsna_eapol.keydes.mic', description: 'MIC.', source: '12.7.2' },
  dataLength: { ...full, path: 'wlan_rsna_eapol.keydes.data_len', unit: 'bytes', description: 'Length of the key data.', source: '12.7.2' },
  pmkid: { type: 'bytes', path: 'wlan.rsn.ie.pmkid', class: 'identity', description: 'PMKID in the key data of message 1.', source: '12.7.2' },
  eapCode: { path: 'eap.code', names: EAP_CODES, type: 'int', description: '1 request, 2 response, 3 success, 4 failure.', source: 'RFC 3748 4' },
  eapId: { ...full, path: 'eap.id', description: 'Identifier.', source: 'RFC 3748 4' },
  eapType: { path: 'eap.type', names: EAP_TYPES, type: 'int', description: 'Method: 1 identity, 13 TLS, 25 PEAP …', source: 'RFC 3748 5' },
  eapTypeName: {
    path: 'eap.type_name',
    type: 'name',
    names: {
      1: 'Identity',
      2: 'Notification',
      3: 'Nak',
      4: 'MD5-Challenge',
      5: 'OTP',
      6: 'GTC',
      13: 'TLS',
      17: 'LEAP',
      18: 'SIM',
      21: 'TTLS',
      23: 'AKA',
      25: 'PEAP',
      26: 'MSCHAPv2',
      43: 'FAST',
      50: "AKA'",
      52: 'PWD',
      55: 'TEAP',
      254: 'Expanded',
    },
    description: 'Method by name.',
    source: 'IANA EAP registry',
  },
  eapIdentity: { path: 'eap.identity', type: 'text', class: 'identity', description: 'Who the station says it is.', source: 'RFC 3748 5.1' },
})

const EAP = 0
const KEY = 3
const RSN_KEY = 2
const WPA_KEY = 254

const PAIRWISE = 0x8
const INSTALL = 0x40
const ACK = 0x80
const REQUEST = 0x800
/** FILS has no MIC; the key data is encrypted instead and ends with this (12.7.2). */
const SIV_TAG = 16
const ENCRYPTED = 0x1000

/** Length of all before the key data of an RSN or WPA key frame with a MIC of 16 bytes. */
const KEY_FRAME = 95
const MIC_AT = 77

/** Where the key data lies, when it is there in the clear; at is -1 when not. */
export interface KeyData {
  at: number
  end: number
}

/** Place of the elements in the key data of the EAPOL frame in bytes[at … end). */
export function keyData(bytes: Uint8Array, at: number, end: number, found: KeyData): void {
  found.at = -1
  const body = at + 4
  if (end - at < 4 + KEY_FRAME - 16 || bytes[at + 1] !== KEY || (bytes[body] !== RSN_KEY && bytes[body] !== WPA_KEY)) return
  if (u16be(bytes, body + 1) & ENCRYPTED) return
  const micLength = micBytes(bytes, body, end)
  if (body + MIC_AT + micLength + 2 > end) return
  const length = u16be(bytes, body + MIC_AT + micLength)
  const data = body + MIC_AT + micLength + 2
  // WPA sends the group key without saying that it is encrypted; its descriptor holds elements only in messages 2 and 3.
  if (length === 0 || data + length > end) return
  found.at = data
  found.end = data + length
}

/** The MIC is 16 bytes, but 24 with the AKMs of 192 bits and none with FILS; the key data length must then end the frame (12.7.3). */
function micBytes(bytes: Uint8Array, body: number, end: number): number {
  const stated = body + u16be(bytes, body - 2)
  for (const length of [16, 24, 0]) {
    const at = body + MIC_AT + length
    if (at + 2 <= end && at + 2 + u16be(bytes, at) === stated) return length
  }
  return 16
}

/**
 * Which message of the 4-way or group handshake a key frame is (12.7.6, 12.7.7). Message 2 and 4 differ by the key data, which only 2 has;
 * the secure bit does not tell them apart, as some stations set it in 2 when they rekey.
 */
function messageNumber(info: number, dataLength: number): number {
  if ((info & PAIRWISE) === 0) return info & ACK ? 1 : 2
  if (info & ACK) return info & INSTALL ? 3 : 1
  return dataLength > 0 ? 2 : 4
}

/** Makes the decoder of the table: the EAPOL frame begins at `place.above`. */
export function eapolDecoder(fields: Fields, place: Place): (event: Event) => void {
  const base = fields.base(eapol)
  const size = eapol.fields.length
  const f = eapol.at
  const key: KeyData = { at: -1, end: -1 }

  const keyFrame = (event: Event, body: number, end: number) => {
    const { bytes } = event
    const descriptor = bytes[body]
    event.put(base + f.descriptor, descriptor)
    if ((descriptor !== RSN_KEY && descriptor !== WPA_KEY) || body + MIC_AT > end) return
    const info = u16be(bytes, body + 1)
    const micLength = micBytes(bytes, body, end)
    event.put(base + f.info, info)
    event.put(base + f.group, info & PAIRWISE ? 0 : 1)
    event.put(base + f.keyLength, u16be(bytes, body + 3))
    event.put(base + f.replay, u32be(bytes, body + 5), u32be(bytes, body + 9))
    event.put(base + f.nonce, body + 13, 32)
    event.put(base + f.iv, body + 45, 16)
    event.put(base + f.rsc, body + 61, 8)
    if (body + MIC_AT + micLength + 2 > end) return
    event.put(base + f.mic, body + MIC_AT, micLength)
    const dataLength = u16be(bytes, body + MIC_AT + micLength)
    event.put(base + f.dataLength, dataLength)
    if ((info & REQUEST) === 0) event.put(base + f.message, messageNumber(info, micLength === 0 ? dataLength - SIV_TAG : dataLength))
    pmkid(event, body - 4, end)
  }

  /** The PMKID KDE: DD 14 00-0F-AC 04 and sixteen bytes. */
  const pmkid = (event: Event, start: number, end: number) => {
    const { bytes } = event
    keyData(bytes, start, end, key)
    if (key.at < 0) return
    for (let i = key.at; i + 2 <= key.end; i += 2 + bytes[i + 1]) {
      if (bytes[i] === 0xdd && bytes[i + 1] >= 20 && i + 22 <= key.end && u32be(bytes, i + 2) === 0x000fac04) {
        event.put(base + f.pmkid, i + 6, 16)
        return
      }
    }
  }

  /** A request may hold a prompt, a zero byte, and options that name the network (RFC 4284); the first text that is not empty is taken. */
  const identity = (event: Event, start: number, end: number) => {
    const { bytes } = event
    let at = start
    while (at < end && bytes[at] === 0) at++
    const zero = bytes.indexOf(0, at)
    putText(event, base + f.eapIdentity, at, zero >= 0 && zero < end ? zero : end)
  }

  const eap = (event: Event, start: number, limit: number) => {
    const { bytes } = event
    if (start + 4 > limit) {
      if (start < limit) event.put(base + f.eapCode, bytes[start])
      return
    }
    const code = bytes[start]
    event.put(base + f.eapCode, code)
    event.put(base + f.eapId, bytes[start + 1])
    const end = Math.min(limit, start + u16be(bytes, start + 2))
    if ((code !== 1 && code !== 2) || start + 5 > end) return
    const type = bytes[start + 4]
    event.put(base + f.eapType, type)
    event.put(base + f.eapTypeName, type)
    if (type === 1 && end > start + 5) identity(event, start + 5, end)
  }

  return (event) => {
    const { bytes } = event
    const { above: start, end } = place
    event.claim(base, size)
    if (start + 4 > end) return
    const length = u16be(bytes, start + 2)
    event.put(base + f.version, bytes[start])
    event.put(base + f.type, bytes[start + 1])
    event.put(base + f.length, length)
    const stop = Math.min(end, start + 4 + length)
    if (bytes[start + 1] === EAP) eap(event, start + 4, stop)
    else if (bytes[start + 1] === KEY && start + 4 < stop) keyFrame(event, start + 4, stop)
  }
}
