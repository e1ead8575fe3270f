/**
 * Takes a line of the legacy protocol apart: `*NAME: field field …`.
 *
 * - Fields are separated by exactly one space; two spaces in a row mean an empty field between them. Runs are never collapsed.
 * - A field that begins with the byte 0x01 runs to the next 0x01, whatever is in it.
 * - Most sentences have a space behind their last field, some have none; both are read.
 *
 * Nothing is guessed: a quote that is not closed, or is followed by anything but a space, makes the line broken.
 */
const SPACE = 32
const QUOTE = 1
const STAR = 42
const COLON = 58
/** No sentence has half as many. */
const MOST_FIELDS = 512

/** Where the fields of a line are; used again for the next one. */
export class Tokens {
  count = 0
  readonly from = new Int32Array(MOST_FIELDS)
  readonly to = new Int32Array(MOST_FIELDS)
  /** Why the fields cannot be trusted. */
  broken: string | undefined
  /** Place behind the name, which begins one behind the start of the line. */
  nameEnd = 0

  /**
   * @param end of the line, without its line end
   * @returns false when it is no sentence at all
   */
  scan(bytes: Uint8Array, start: number, end: number): boolean {
    this.count = 0
    this.broken = undefined
    if (start >= end || bytes[start] !== STAR) return false
    let at = start + 1
    while (at < end && isNamePart(bytes[at])) at++
    this.nameEnd = at
    if (at === start + 1 || at >= end || bytes[at] !== COLON) return false
    at++
    if (at < end && bytes[at] === SPACE) at++
    const { from, to } = this
    let count = 0
    while (at < end) {
      if (count === MOST_FIELDS) {
        this.broken = `more than ${MOST_FIELDS} fields`
        break
      }
      if (bytes[at] === QUOTE) {
        let close = at + 1
        while (close < end && bytes[close] !== QUOTE) close++
        from[count] = at + 1
        to[count++] = close
        if (close === end) {
          this.broken = 'a quote is not closed'
          break
        }
        at = close + 1
        if (at < end && bytes[at] !== SPACE) {
          this.broken = 'something other than a space follows a closing quote'
          break
        }
      } else {
        from[count] = at
        while (at < end && bytes[at] !== SPACE) at++
        to[count++] = at
      }
      at++
    }
    this.count = count
    return true
  }
}

/** Letters, digits, `_` and `-`. */
function isNamePart(byte: number): boolean {
  return (byte >= 65 && byte <= 90) || (byte >= 97 && byte <= 122) || (byte >= 48 && byte <= 57) || byte === 95 || byte === 45
}

export interface Sentence {
  readonly name: string
  readonly fields: string[]
  readonly broken: string | undefined
}

/**
 * A whole line as texts, one character for each byte.
 * @returns undefined when it is no sentence at all
 */
export function tokenise(line: string): Sentence | undefined {
  const bytes = Buffer.from(line, 'latin1')
  const tokens = new Tokens()
  if (!tokens.scan(bytes, 0, bytes.length)) return undefined
  const fields = Array.from({ length: tokens.count }, (_, i) => bytes.toString('latin1', tokens.from[i], tokens.to[i]))
  return { name: bytes.toString('latin1', 1, tokens.nameEnd).toUpperCase(), fields, broken: tokens.broken }
}

const MUNGED = /\\([0-3][0-7][0-7])/g

/** Whether text may stand for other bytes than its own. */
export function isMunged(text: string): boolean {
  return text.includes('\\') && text.search(MUNGED) >= 0
}

/**
 * The bytes that munged text stands for: `\ooo` is one byte. The server does not escape a backslash itself, so text that really held `\101` cannot be told
 * from an `A`; keep the text beside the bytes.
 */
export function unmunge(text: string): Uint8Array {
  return Buffer.from(
    text.replace(MUNGED, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8))),
    'latin1',
  )
}
