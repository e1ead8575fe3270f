/** Numbers as a legacy server prints them, from bytes. */

/** Powers of ten that a double holds exactly: dividing a whole number below 2^53 by one of them rounds once, as reading the text would. */
const POWERS = Float64Array.from({ length: 23 }, (_, n) => 10 ** n)
const MINUS = 45
const POINT = 46

/** A whole decimal number of at most 15 digits; NaN for anything else. */
export function wholeAt(bytes: Uint8Array, from: number, to: number): number {
  const negative = bytes[from] === MINUS
  let at = negative ? from + 1 : from
  if (at >= to || to - at > 15) return Number.NaN
  let value = 0
  for (; at < to; at++) {
    const digit = bytes[at] - 48
    if (digit < 0 || digit > 9) return Number.NaN
    value = value * 10 + digit
  }
  return negative ? 0 - value : value
}

const FLOAT = /^-?(\d+(\.\d*)?|\.\d+)(e[+-]?\d{1,3})?$/i

/** A number as C++ prints it: `40.1235`, `1e+06`; NaN for anything else. */
export function floatAt(bytes: Uint8Array, from: number, to: number): number {
  const negative = bytes[from] === MINUS
  let at = negative ? from + 1 : from
  let value = 0
  let decimals = -1
  if (at < to && to - at <= 15) {
    for (; at < to; at++) {
      const digit = bytes[at] - 48
      if (bytes[at] === POINT && decimals < 0) decimals = 0
      else if (digit < 0 || digit > 9) break
      else {
        value = value * 10 + digit
        if (decimals >= 0) decimals++
      }
    }
    // A point alone is no number.
    if (at === to && (decimals < 0 || to - from > (negative ? 2 : 1))) {
      if (decimals > 0) value /= POWERS[decimals]
      return negative ? -value : value
    }
  }
  const text = Buffer.from(bytes.buffer, bytes.byteOffset + from, Math.max(0, to - from)).toString('latin1')
  const slow = FLOAT.test(text) ? Number(text) : Number.NaN
  return Number.isFinite(slow) ? slow : Number.NaN
}

/** 48 bits of `AA:BB:CC:DD:EE:FF` in either case, or -1. */
export function macAt(bytes: Uint8Array, from: number, to: number): number {
  if (to - from !== 17) return -1
  let high = 0
  let low = 0
  for (let i = 0; i < 17; i += 3) {
    const byte = (nibble(bytes[from + i]) << 4) | nibble(bytes[from + i + 1])
    if (byte < 0 || (i < 15 && bytes[from + i + 2] !== 58)) return -1
    if (i < 6) high = (high << 8) | byte
    else low = ((low << 8) | byte) >>> 0
  }
  return high * 4294967296 + low
}

/** -1 for other characters, which stays negative through the shift above. */
function nibble(unit: number): number {
  if (unit >= 48 && unit <= 57) return unit - 48
  const letter = unit | 32
  return letter >= 97 && letter <= 102 ? letter - 87 : -1
}
