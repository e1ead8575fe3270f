/**
 * Which capture it is: SHA-256 over its beginning up to the end of the first packet record. Name, place, compression and what was
 * appended since do not matter.
 */
import { CaptureCutter } from '../../../core/formats/capture.ts'
import { captureIdentity } from '../../../core/formats/capture-identity.ts'
import type { ByteSource } from './source.ts'

/** No more than this is looked at. */
const MOST_BYTES = 1024 * 1024
const FIRST_LOOK = 4096

export type Identity =
  | { readonly kind: 'known'; readonly identity: string /** Bytes it was made of. */; readonly length: number }
  /** The first record is not whole yet. */
  | { readonly kind: 'waiting' /** Bytes that are no whole header or record. */; readonly dangling: number }
  | { readonly kind: 'foreign'; readonly reason: string }

export async function identify(source: ByteSource): Promise<Identity> {
  for (let size = FIRST_LOOK; ; size *= 16) {
    const data = new Uint8Array(Math.min(size, MOST_BYTES))
    const have = await source.readAt(data, 0)
    // Limits of its own: the identity must not depend on the configuration.
    const cutter = new CaptureCutter({ maxRecord: MOST_BYTES, statistics: false })
    cutter.cut(data, 0, have, 1)
    if (cutter.records > 0) return known(data, cutter.end)
    if (cutter.stop === 'foreign') return { kind: 'foreign', reason: cutter.reason }
    // Of a first record that is damaged or too long only the head counts.
    if (cutter.stop !== 'more') return known(data, Math.min(cutter.end + 12, have))
    if (have < data.length) return { kind: 'waiting', dangling: have - cutter.end }
    if (data.length === MOST_BYTES) return known(data, have)
  }
}

function known(data: Uint8Array, length: number): Identity {
  return { kind: 'known', identity: captureIdentity(data.subarray(0, length)), length }
}
