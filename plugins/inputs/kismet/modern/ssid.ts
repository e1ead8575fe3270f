/**
 * Names of networks as a modern Kismet writes them: text of its own, inside the JSON. What is not printable it escapes, each release in another way: as JSON
 * does (`\n`, `\"`, `\\`, `\u001b`), as three octal digits (2019 to 2022) or as `\xB2`; that of 2025 prints a name that is no UTF-8 wrong, as `xB2` and no further.
 * The length which it gives as well tells which it was.
 */

const ESCAPE = /\\(?:u([0-9a-fA-F]{4})|x([0-9a-fA-F]{2})|([0-3][0-7]{2})|([\\"/bfnrt]))/g
const LETTERS: Readonly<Record<string, number>> = { '\\': 0x5c, '"': 0x22, '/': 0x2f, b: 8, f: 12, n: 10, r: 13, t: 9 }

/**
 * The bytes of the name.
 * @param length that Kismet says they have; 0 when it does not say
 * @returns undefined when they cannot be had from the text
 */
export function ssidBytes(text: string, length: number): Uint8Array | undefined {
  const plain = Buffer.from(text, 'utf8')
  const decoded = text.includes('\\') ? unescaped(text) : plain
  if (length <= 0 || decoded.length === length) return decoded
  return plain.length === length ? plain : undefined
}

function unescaped(text: string): Uint8Array {
  const parts: Uint8Array[] = []
  let at = 0
  for (const { 0: whole, 1: unit, 2: hex, 3: octal, 4: letter, index } of text.matchAll(ESCAPE)) {
    parts.push(Buffer.from(text.slice(at, index), 'utf8'))
    if (unit !== undefined) parts.push(Buffer.from(String.fromCharCode(Number.parseInt(unit, 16)), 'utf8'))
    else if (hex !== undefined) parts.push(Uint8Array.of(Number.parseInt(hex, 16)))
    else if (octal !== undefined) parts.push(Uint8Array.of(Number.parseInt(octal, 8)))
    else parts.push(Uint8Array.of(LETTERS[letter]))
    at = index + whole.length
  }
  parts.push(Buffer.from(text.slice(at), 'utf8'))
  return Buffer.concat(parts)
}
