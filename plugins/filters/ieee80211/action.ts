/** Action frames (IEEE 802.11-2020 clause 9.6): the categories decoded here, and where their elements begin. */
import { u16 } from './bytes.ts'

/** Category codes, table 9-51. */
export const CATEGORY = {
  spectrum: 0,
  qos: 1,
  dls: 2,
  blockAck: 3,
  public: 4,
  radioMeasurement: 5,
  fastTransition: 6,
  ht: 7,
  saQuery: 8,
  protectedPublic: 9,
  wnm: 10,
  tdls: 12,
  mesh: 13,
  multihop: 14,
  selfProtected: 15,
  protectedVendor: 126,
  vendor: 127,
} as const

/** Public actions of GAS, table 9-364. */
export const GAS = { initialRequest: 10, initialResponse: 11, comebackRequest: 12, comebackResponse: 13 } as const

/** Actions of TDLS, table 9-423; the answer to a discovery is a public action. */
export const TDLS = { request: 0, response: 1, confirm: 2, teardown: 3, discoveryResponse: 14 } as const

/** Public actions of fine timing measurement and of FILS discovery. */
export const TIMING = { request: 32, measurement: 33 } as const
export const FILS_DISCOVERY = 34

/** Fixed bytes from the category on, by category and action. What is not listed has no elements, or none anybody asked for. */
const FIXED: Readonly<Record<number, Readonly<Record<number, number>>>> = {
  [CATEGORY.spectrum]: { 0: 3, 1: 3, 2: 3, 3: 3, 4: 2 },
  [CATEGORY.qos]: { 0: 3, 1: 5 },
  [CATEGORY.blockAck]: { 0: 9, 1: 9 },
  [CATEGORY.public]: { 0: 2, 4: 6, 14: 5, 32: 3, 33: 20 },
  [CATEGORY.radioMeasurement]: { 0: 5, 1: 3, 2: 5, 3: 11, 4: 3, 5: 3 },
  [CATEGORY.fastTransition]: { 1: 14, 2: 16, 3: 16, 4: 16 },
  [CATEGORY.wnm]: { 6: 4, 8: 5, 16: 3, 26: 4 },
  [CATEGORY.tdls]: { 0: 5, 1: 7, 2: 5, 3: 4, 4: 3, 5: 5, 6: 5, 7: 5, 8: 3, 9: 3, 10: 3 },
  [CATEGORY.mesh]: { 0: 2, 1: 2, 2: 2, 3: 2, 4: 2, 5: 2, 6: 2, 7: 2, 8: 2, 9: 2, 10: 2 },
  [CATEGORY.multihop]: { 0: 2, 1: 2 },
  [CATEGORY.selfProtected]: { 1: 4, 2: 6, 3: 2, 4: 2, 5: 2 },
}

const BTM_REQUEST = 7
const BTM_RESPONSE = 8

/** Place of the first element of an action frame whose category is at `body`, or -1. */
export function actionElements(bytes: Uint8Array, body: number, end: number): number {
  if (body + 2 > end) return -1
  const category = bytes[body]
  const action = bytes[body + 1]
  if (category === CATEGORY.wnm && action === BTM_REQUEST) return btmRequest(bytes, body, end)
  const fixed = FIXED[category]?.[action]
  if (fixed === undefined) return -1
  // An accepted transition names the target between the delay and the candidates (9.6.13.10).
  if (category === CATEGORY.wnm && action === BTM_RESPONSE && body + 5 <= end && bytes[body + 3] === 0) return body + 11
  return body + fixed
}

/** BSS transition request (9.6.13.9): the mode says which optional parts stand before the candidates. */
function btmRequest(bytes: Uint8Array, body: number, end: number): number {
  if (body + 7 > end) return -1
  const mode = bytes[body + 3]
  let at = body + 7
  if (mode & 8) at += 12
  if (mode & 16) at = at < end ? at + 1 + bytes[at] : end
  return Math.min(at, end)
}

/** Status of a commit whose element was hashed to, or with a public key (table 9-50). */
const HASH_TO_ELEMENT = 126
const PUBLIC_KEY = 127
const TOKEN_REQUIRED = 76

/** Lengths of the scalar and the element of SAE groups: elliptic curves (RFC 5903) and MODP (RFC 3526, 5114). */
const SAE_LENGTHS: Readonly<Record<number, readonly [scalar: number, element: number]>> = {
  15: [384, 384],
  16: [512, 512],
  17: [768, 768],
  18: [1024, 1024],
  19: [32, 64],
  20: [48, 96],
  21: [66, 132],
  22: [20, 128],
  23: [28, 256],
  24: [32, 256],
  25: [24, 48],
  26: [28, 56],
}

/**
 * Place of the first element of an SAE message (9.3.3.11), or -1. Before hash-to-element an anti-clogging token could stand between group and
 * scalar without saying its length, so only hash-to-element commits are known to have elements.
 */
export function saeElements(bytes: Uint8Array, body: number, end: number): number {
  const step = u16(bytes, body + 2)
  const status = u16(bytes, body + 4)
  if (body + 8 > end || status === TOKEN_REQUIRED) return -1
  if (step !== 1 || (status !== HASH_TO_ELEMENT && status !== PUBLIC_KEY)) return -1
  const lengths = SAE_LENGTHS[u16(bytes, body + 6)]
  const at = lengths ? body + 8 + lengths[0] + lengths[1] : end
  return at < end ? at : -1
}
