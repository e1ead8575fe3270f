/**
 * Keyed pseudonyms of one period: HMAC-SHA-256 under the period's key, cut short. Without the key they say nothing; equal addresses have equal pseudonyms
 * within the period, and nothing ties those of two periods together.
 */
import { createHmac } from 'node:crypto'
import { isOfNobody } from './addresses.ts'

/** Addresses whose pseudonyms are remembered; a direct-mapped table of 256 KiB. */
const PLACES = 16384
/** Bytes of a token. */
export const TOKEN_BYTES = 8

const LOCAL_BIT = 2 ** 41
const OUI = 2 ** 24

export interface PseudonymOptions {
  readonly keep_oui: boolean
  readonly exempt: (address: number) => boolean
}

/** The key of a period: another one tells nothing of it. */
export function periodKey(master: Uint8Array, period: number): Uint8Array {
  return createHmac('sha256', master).update(`period ${period}`).digest()
}

export class Pseudonyms {
  readonly #key: Uint8Array
  readonly #options: PseudonymOptions
  readonly #addresses = new Float64Array(PLACES).fill(-1)
  readonly #pseudonyms = new Float64Array(PLACES)
  readonly #bytes = Buffer.alloc(6)

  constructor(key: Uint8Array, options: PseudonymOptions) {
    this.#key = key
    this.#options = options
  }

  /** A locally administered address, or one of the same vendor where `keep_oui` says so. */
  mac(address: number): number {
    const low = address % 2 ** 24
    const place = (Math.imul(low ^ Math.floor(address / 2 ** 24), 0x9e3779b1) >>> 18) & (PLACES - 1)
    if (this.#addresses[place] === address) return this.#pseudonyms[place]
    const pseudonym = this.#make(address)
    this.#addresses[place] = address
    this.#pseudonyms[place] = pseudonym
    return pseudonym
  }

  /** Hides text or bytes that tell a device; equal ones stay equal. */
  token(bytes: Uint8Array): Buffer {
    return createHmac('sha256', this.#key).update('token ').update(bytes).digest().subarray(0, TOKEN_BYTES)
  }

  #make(address: number): number {
    const { keep_oui, exempt } = this.#options
    if (isOfNobody(address) || exempt(address)) return address
    this.#bytes.writeUIntBE(address, 0, 6)
    const hash = createHmac('sha256', this.#key).update(this.#bytes).digest()
    // A random address has no vendor.
    if (keep_oui && Math.floor(address / LOCAL_BIT) % 2 === 0) return Math.floor(address / OUI) * OUI + hash.readUIntBE(0, 3)
    hash[0] = (hash[0] & 0xfc) | 0x02
    return hash.readUIntBE(0, 6)
  }
}
