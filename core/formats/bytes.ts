/** Integers of either byte order, read by shifts: in tight loops several times faster than a DataView. */

export function u16(bytes: Uint8Array, at: number, bigEndian: boolean): number {
  return bigEndian ? (bytes[at] << 8) | bytes[at + 1] : bytes[at] | (bytes[at + 1] << 8)
}

export function u32(bytes: Uint8Array, at: number, bigEndian: boolean): number {
  return bigEndian
    ? ((bytes[at] << 24) | (bytes[at + 1] << 16) | (bytes[at + 2] << 8) | bytes[at + 3]) >>> 0
    : (bytes[at] | (bytes[at + 1] << 8) | (bytes[at + 2] << 16) | (bytes[at + 3] << 24)) >>> 0
}

/** A copy; `slice` of a Buffer would be a view. */
export function copyOf(bytes: Uint8Array, from: number, to: number): Uint8Array<ArrayBuffer> {
  return new Uint8Array(bytes.subarray(from, to))
}

export function putU16(into: Uint8Array, at: number, value: number, bigEndian: boolean): void {
  into[bigEndian ? at + 1 : at] = value
  into[bigEndian ? at : at + 1] = value >>> 8
}

export function putU32(into: Uint8Array, at: number, value: number, bigEndian: boolean): void {
  putU16(into, bigEndian ? at + 2 : at, value & 0xffff, bigEndian)
  putU16(into, bigEndian ? at : at + 2, value >>> 16, bigEndian)
}
