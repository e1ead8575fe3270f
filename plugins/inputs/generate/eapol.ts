/** The 4-way handshake (12.7.6) in EAPOL-Key frames (12.7.2), carried by unprotected QoS data frames. */
import { join, u16, zeros } from './bytes.ts'
import { basicPhy, type Way } from './management.ts'
import { akmOf, clientRsn } from './security.ts'
import { SLOT } from './slots.ts'
import type { Client } from './stations.ts'
import { header, type Patch, SEQUENCE_PATCH, type Template, template } from './template.ts'

/** LLC and SNAP header of EtherType 0x888e. */
const SNAP = [0xaa, 0xaa, 0x03, 0, 0, 0, 0x88, 0x8e]
/** MPDU header with QoS control. */
const QOS_BODY = 26
/** Places behind the start of the EAPOL packet: 4 bytes of EAPOL header, then the descriptor. */
const NONCE = 4 + 13
const MIC = 4 + 77
const KEY_DATA = 4 + 95

/** Key information without the descriptor version: pairwise 3, install 6, ack 7, MIC 8, secure 9, encrypted key data 12. */
const INFORMATION = { 1: 0x0088, 2: 0x0108, 3: 0x13c8, 4: 0x0308 } as const

export type Message = keyof typeof INFORMATION

export function keyFrame(client: Client, message: Message): Template {
  const { ap } = client
  const way: Way = message % 2 === 0 ? 'up' : 'down'
  const akm = akmOf(ap.security)
  // Descriptor version (table 12-11): 2 for PSK and 802.1X, 3 for their SHA-256 kinds, 0 for AKMs defined later.
  const version = akm === 2 || akm === 1 ? 2 : akm === 5 ? 3 : 0
  const start = QOS_BODY + SNAP.length
  const patches: Patch[] = [SEQUENCE_PATCH]
  if (message !== 4) patches.push({ what: 'random', at: start + NONCE, length: 32, slot: message === 2 ? SLOT.snonce : SLOT.anonce })
  if (message !== 1) patches.push({ what: 'random', at: start + MIC, length: 16, slot: SLOT.mic + message })
  let data: Uint8Array = zeros(0)
  if (message === 1) {
    data = join(0xdd, 20, 0x00, 0x0f, 0xac, 4, zeros(16)) // PMKID KDE
    patches.push({ what: 'random', at: start + KEY_DATA + 6, length: 16, slot: SLOT.pmkid })
  } else if (message === 2) {
    data = join(...clientRsn(ap.security))
  } else if (message === 3) {
    data = zeros(88) // RSN element and group keys under AES key wrap: a multiple of 8
    patches.push({ what: 'random', at: start + KEY_DATA, length: data.length, slot: SLOT.groupKey })
  }
  const information = INFORMATION[message] | version
  const keyLength = message === 2 || message === 4 ? 0 : 16
  const replay = [0, 0, 0, 0, 0, 0, 0, message < 3 ? 1 : 2]
  const descriptor = join(2, information >> 8, information & 255, 0, keyLength, replay, zeros(32 + 16 + 8 + 8 + 16), 0, data.length, data)
  const eapol = join(2, 3, 0, descriptor.length, descriptor)
  const [flags, addresses] =
    way === 'up' ? ([1, [ap.bssid, client.address, ap.bssid]] as const) : ([2, [client.address, ap.bssid, ap.bssid]] as const)
  const mpdu = join(header(0x88, flags, 60, addresses), u16(0), SNAP, eapol)
  return template({ ...basicPhy(ap), rate: 12 }, mpdu, way === 'up' ? client.signal : ap.signal, patches)
}
