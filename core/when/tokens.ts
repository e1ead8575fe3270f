/** Splits a condition into tokens; the rules are those of Wireshark's epan/dfilter/scanner.l. */
import type { Span } from './ast.ts'
import { WhenError } from './errors.ts'

export type Token = Span &
  (
    | { readonly kind: 'word'; readonly text: string }
    | { readonly kind: 'text'; readonly text: string; readonly bytes: Uint8Array }
    | { readonly kind: 'char'; readonly text: string; readonly bytes: Uint8Array }
    /** An operator or bracket; operators in letters have become their signs. */
    | { readonly kind: 'sign'; readonly text: string }
    /** What stands between commas in a slice. */
    | { readonly kind: 'range'; readonly text: string }
    | { readonly kind: 'end'; readonly text: string }
  )

/** Operators in letters, as the sign that means the same; those without one stay as they are. */
const LETTERS = new Map([
  ['eq', '=='],
  ['any_eq', '=='],
  ['all_eq', '==='],
  ['ne', '!='],
  ['all_ne', '!='],
  ['any_ne', '!=='],
  ['lt', '<'],
  ['le', '<='],
  ['gt', '>'],
  ['ge', '>='],
  ['and', '&&'],
  ['or', '||'],
  ['xor', '^^'],
  ['not', '!'],
  ['bitand', '&'],
  ['bitwise_and', '&'],
  ['contains', 'contains'],
  ['matches', 'matches'],
  ['in', 'in'],
  ['any', 'any'],
  ['all', 'all'],
])

const SIGN = /===|!==|==|!=|~=|<=|>=|&&|\|\||\^\^|\.\.|[<>!~&+\-*/%(){},[\]]/y
const SAME_SIGN = new Map([
  ['~=', '!=='],
  ['~', 'matches'],
])

/** Words by the longest match: addresses and bytes before names, since `00-1b` is also a subtraction. None holds `..`. */
const WORDS = [
  /[0-9a-f]*:[0-9a-f:]*(?:\.\d+)*(?:\/\d+)?/iy,
  /\d+\.\d+\.\d+\.\d+(?:\/\d+)?/y,
  /[0-9a-f]{2}(?:-[0-9a-f]{2})+(?!\w)/iy,
  /\d+(?:\.\d+)?e[+-]\d+(?!\w)/iy,
  /[a-z_@]\w*(?:[.-]\w+)*/iy,
  /\d\w*(?:\.\w+)*/y,
]

const BLANK = /\s*/y
const RANGE = /[^\],]*/y

/** @throws WhenError where no token fits */
export function tokens(source: string): Token[] {
  const found: Token[] = []
  let at = 0
  const skip = (pattern: RegExp): string => {
    pattern.lastIndex = at
    const text = pattern.exec(source)?.[0] ?? ''
    at += text.length
    return text
  }
  const ranges = (open: number): void => {
    for (;;) {
      const offset = at
      const text = skip(RANGE)
      found.push({ kind: 'range', text, offset, length: text.length })
      if (at === source.length) throw new WhenError('this slice has no closing bracket', { offset: open, length: 1 })
      found.push({ kind: 'sign', text: source[at], offset: at, length: 1 })
      if (source[at++] === ']') return
    }
  }
  for (;;) {
    skip(BLANK)
    const offset = at
    if (at === source.length) break
    const quoted = /[rR]?"|'/y
    quoted.lastIndex = at
    const quote = quoted.exec(source)?.[0]
    if (quote) {
      const { bytes, end } = readQuoted(source, at, quote)
      at = end
      found.push({ kind: quote === "'" ? 'char' : 'text', text: source.slice(offset, end), bytes, offset, length: end - offset })
      continue
    }
    const word = longest(source, at)
    if (word) {
      at += word.length
      const sign = LETTERS.get(word)
      found.push(sign ? { kind: 'sign', text: sign, offset, length: word.length } : { kind: 'word', text: word, offset, length: word.length })
      continue
    }
    const sign = skip(SIGN)
    if (!sign) throw new WhenError(`${JSON.stringify(source[at])} means nothing here`, { offset, length: 1 }, hintFor(source[at]))
    found.push({ kind: 'sign', text: SAME_SIGN.get(sign) ?? sign, offset, length: sign.length })
    if (sign === '[') ranges(offset)
  }
  found.push({ kind: 'end', text: '', offset: source.length, length: 0 })
  return found
}

function hintFor(char: string): string | undefined {
  if (char === '=') return '=='
  if (char === '|') return '||'
  if (char === '^') return '^^'
  if (char === '#') return 'there are no layers here: leave out # and the number'
  return undefined
}

function longest(source: string, at: number): string {
  let word = ''
  for (const pattern of WORDS) {
    pattern.lastIndex = at
    const text = pattern.exec(source)?.[0] ?? ''
    if (text.length > word.length) word = text
  }
  return word
}

const ESCAPES: Readonly<Record<string, number>> = { "'": 39, '"': 34, '\\': 92, a: 7, b: 8, f: 12, n: 10, r: 13, t: 9, v: 11 }
const ESCAPE = /\\(?:([0-7]{1,3})|x([0-9a-f]{1,2})|u([0-9a-f]{4})|U([0-9a-f]{8})|(['"\\abfnrtv]))/iy

/** Reads a string or character from its opening quote on. Escapes make bytes, so a string need not be UTF-8. */
function readQuoted(source: string, offset: number, quote: string): { bytes: Uint8Array; end: number } {
  const raw = quote.length === 2
  const close = quote[quote.length - 1]
  const parts: Uint8Array[] = []
  let at = offset + quote.length
  for (let plain = at; ; ) {
    if (at >= source.length) throw new WhenError('this string has no closing quote', { offset, length: source.length - offset })
    if (source[at] === close || (source[at] === '\\' && !raw)) {
      parts.push(Buffer.from(source.slice(plain, at)))
      if (source[at] === close) return { bytes: new Uint8Array(Buffer.concat(parts)), end: at + 1 }
      ESCAPE.lastIndex = at
      const found = ESCAPE.exec(source)
      if (!found) throw badEscape(source, at)
      parts.push(escaped(found, at))
      plain = at += found[0].length
    } else at += source[at] === '\\' ? 2 : 1
  }
}

function escaped(found: RegExpExecArray, at: number): Uint8Array {
  const [all, octal, hex, short, long, letter] = found
  const span = { offset: at, length: all.length }
  if (short ?? long) {
    const code = Number.parseInt(short ?? long, 16)
    if (code > 0x10ffff || (code >= 0xd800 && code < 0xe000)) throw new WhenError(`${all} is no character`, span)
    return Buffer.from(String.fromCodePoint(code))
  }
  const byte = octal ? Number.parseInt(octal, 8) : hex ? Number.parseInt(hex, 16) : ESCAPES[letter]
  if (byte === undefined) throw new WhenError(`${all} is no escape`, span)
  if (byte > 255) throw new WhenError(`${all} is larger than 255`, span)
  return Uint8Array.of(byte)
}

function badEscape(source: string, offset: number): WhenError {
  const text = source.slice(offset, offset + 2)
  if (text.length < 2) return new WhenError('this string has no closing quote', { offset, length: 1 })
  return new WhenError(`${text} is no escape of a string`, { offset, length: 2 }, `for a regular expression put r before the quote: r"${text}"`)
}
