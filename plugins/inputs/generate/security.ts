/** How networks are protected: RSN and what goes with it. */
import { join, type Part, u16 } from './bytes.ts'
import { element, extension } from './elements.ts'

export type Security = 'open' | 'wpa' | 'psk' | 'transition' | 'sae' | 'owe' | 'enterprise' | 'suite_b'

interface Suite {
  readonly group: number
  readonly pairwise: number
  /** AKM suites, IEEE 802.11-2020 table 9-151. */
  readonly akms: readonly number[]
  /** What a client of today takes of them. */
  readonly akm: number
  /** Management frame protection: bit 7 capable, bit 6 required. */
  readonly mfp: number
  /** Group management cipher, when protected. */
  readonly management?: number
}

const CCMP = 4
const SUITES: { readonly [security in Exclude<Security, 'open'>]: Suite } = {
  wpa: { group: 2, pairwise: CCMP, akms: [2], akm: 2, mfp: 0 },
  psk: { group: CCMP, pairwise: CCMP, akms: [2], akm: 2, mfp: 0 },
  transition: { group: CCMP, pairwise: CCMP, akms: [2, 8], akm: 8, mfp: 0x80, management: 6 },
  sae: { group: CCMP, pairwise: CCMP, akms: [8], akm: 8, mfp: 0xc0, management: 6 },
  owe: { group: CCMP, pairwise: CCMP, akms: [18], akm: 18, mfp: 0xc0, management: 6 },
  enterprise: { group: CCMP, pairwise: CCMP, akms: [1, 5], akm: 5, mfp: 0x80, management: 6 },
  suite_b: { group: 9, pairwise: 9, akms: [12], akm: 12, mfp: 0xc0, management: 12 },
}

/** Whether robust management frames between station and network are encrypted. */
export function protectsManagement(security: Security): boolean {
  return security !== 'open' && SUITES[security].mfp !== 0
}

/** The AKM that a client negotiates; 0 for open. */
export function akmOf(security: Security): number {
  return security === 'open' ? 0 : SUITES[security].akm
}

const suite = (type: number): number[] => [0x00, 0x0f, 0xac, type]

/** RSN element of a network, 9.4.2.24; none for open networks. */
export function rsn(security: Security): Uint8Array[] {
  if (security === 'open') return []
  return [rsnElement(security, SUITES[security].akms, [])]
}

/** RSN element of a client in its association request, with the PMKIDs of cached keys. */
export function clientRsn(security: Security, pmkids: readonly Uint8Array[] = []): Uint8Array[] {
  return security === 'open' ? [] : [rsnElement(security, [akmOf(security)], pmkids)]
}

function rsnElement(security: Exclude<Security, 'open'>, akms: readonly number[], pmkids: readonly Uint8Array[]): Uint8Array {
  const { group, pairwise, mfp, management } = SUITES[security]
  const body: Part[] = [u16(1), suite(group), u16(1), suite(pairwise), u16(akms.length), ...akms.map(suite), mfp, 0]
  if (pmkids.length > 0 || management !== undefined) body.push(u16(pmkids.length), ...pmkids)
  if (management !== undefined) body.push(suite(management))
  return element(48, ...body)
}

/** RSN Extension, 9.4.2.241: SAE hash-to-element, bit 5; its low four bits are its length less one. */
export function rsnExtension(security: Security): Uint8Array[] {
  return security === 'sae' ? [element(244, 0x20)] : []
}

/** OWE Diffie-Hellman parameter (RFC 8110, 4.3): group 19, a public key of 32 bytes. */
export function oweKey(): Uint8Array {
  return extension(32, u16(19), new Uint8Array(32))
}

/** SAE over group 19 (12.4.7.4): `commit` is scalar and element, `confirm` the counter and 32 bytes; both random per handshake. */
export const sae = {
  commit: (hashToElement: boolean): Uint8Array => join(u16(3), u16(1), u16(hashToElement ? 126 : 0), u16(19), new Uint8Array(96)),
  confirm: (): Uint8Array => join(u16(3), u16(2), u16(0), u16(1), new Uint8Array(32)),
}
/** Where the random parts of the SAE bodies begin. */
export const SAE_COMMIT_RANDOM = 8
export const SAE_CONFIRM_RANDOM = 8
