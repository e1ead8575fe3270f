/**
 * gzip members that know their own length (RFC 1952, section 2.3.1.1: an extra field), so that the end of the last whole one can be
 * found from the end of a file. Every gzip tool reads them.
 */
import { promisify } from 'node:util'
import { crc32, deflateRaw, gunzip } from 'node:zlib'

/** ID1 ID2 CM FLG=FEXTRA, no time, no XFL, unknown OS, XLEN=8, then the subfield "WY" of four bytes: the member's length. */
export const SIGNATURE = Buffer.from([0x1f, 0x8b, 8, 4, 0, 0, 0, 0, 0, 255, 8, 0, 0x57, 0x59, 4, 0])
export const HEADER_BYTES = SIGNATURE.length + 4
const TRAILER_BYTES = 8

const deflate = promisify(deflateRaw)
const inflate = promisify(gunzip)

export async function gzipMember(bodies: readonly Uint8Array[]): Promise<Uint8Array> {
  const plain = Buffer.concat(bodies)
  const packed = await deflate(plain)
  const member = Buffer.alloc(HEADER_BYTES + packed.length + TRAILER_BYTES)
  SIGNATURE.copy(member)
  member.writeUInt32LE(member.length, SIGNATURE.length)
  packed.copy(member, HEADER_BYTES)
  member.writeUInt32LE(crc32(plain), member.length - 8)
  member.writeUInt32LE(plain.length, member.length - 4)
  return member
}

/** The length that a member's header states. */
export function memberLength(header: Buffer): number {
  return header.readUInt32LE(SIGNATURE.length)
}

/** Whether it is one whole member with the right checksum. */
export async function isWhole(member: Uint8Array): Promise<boolean> {
  try {
    await inflate(member)
    return true
  } catch {
    return false
  }
}
