/** Putting bytes together; all of 802.11 is little-endian. */

export type Part = number | readonly number[] | Uint8Array

/** Joins parts; a number is one byte. */
export function join(...parts: readonly Part[]): Uint8Array {
  let length = 0
  for (const part of parts) length += typeof part === 'number' ? 1 : part.length
  const bytes = new Uint8Array(length)
  let at = 0
  for (const part of parts) {
    if (typeof part === 'number') bytes[at++] = part
    else {
      bytes.set(part, at)
      at += part.length
    }
  }
  return bytes
}

export function u16(value: number): number[] {
  return [value & 255, value >>> 8]
}

export function u32(value: number): number[] {
  return [value & 255, (value >>> 8) & 255, (value >>> 16) & 255, value >>> 24]
}

export function ascii(text: string): Uint8Array {
  return new TextEncoder().encode(text)
}

export function zeros(length: number): Uint8Array {
  return new Uint8Array(length)
}

/** Writes a whole number below 2^53 as eight bytes. */
export function putU64(into: Uint8Array, at: number, value: number): void {
  putU32(into, at, value % 4294967296)
  putU32(into, at + 4, Math.floor(value / 4294967296))
}

export function putU32(into: Uint8Array, at: number, value: number): void {
  into[at] = value
  into[at + 1] = value >>> 8
  into[at + 2] = value >>> 16
  into[at + 3] = value >>> 24
}
