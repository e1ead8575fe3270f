/**
 * Reads a regular expression in the syntax of PCRE, over bytes as Wireshark does: `.` is one byte, and letters of either
 * case are the same unless `(?-i)`. What would need backtracking is refused, so that matching is linear in the subject:
 * backreferences, look-around, possessive quantifiers, recursion.
 */

export type Assertion = 'start' | 'line-start' | 'end' | 'line-end' | 'very-end' | 'word' | 'no-word'

export type Regex =
  | { readonly kind: 'set'; readonly bytes: ByteSet }
  | { readonly kind: 'all'; readonly of: readonly Regex[] }
  | { readonly kind: 'one'; readonly of: readonly Regex[] }
  | { readonly kind: 'repeat'; readonly of: Regex; readonly least: number; readonly most: number }
  | { readonly kind: 'assert'; readonly what: Assertion }

/** 1 for each byte that belongs to it. */
export type ByteSet = Uint8Array

/** Why a pattern is refused; `at` counts its bytes. */
export class PatternError extends Error {
  readonly at: number
  constructor(message: string, at: number) {
    super(message)
    this.at = at
  }
}

interface Flags {
  caseless: boolean
  dotAll: boolean
  multiline: boolean
  extended: boolean
}

const MAX_DEPTH = 100
const MAX_REPEAT = 1000

const CLASSES: Readonly<Record<string, string>> = {
  alpha: 'a-zA-Z',
  digit: '0-9',
  alnum: 'a-zA-Z0-9',
  upper: 'A-Z',
  lower: 'a-z',
  space: '\t-\r ',
  blank: '\t ',
  punct: '!-/:-@[-`{-~',
  xdigit: '0-9a-fA-F',
  word: 'a-zA-Z0-9_',
  cntrl: '\0-\x1f\x7f',
  graph: '!-~',
  print: ' -~',
  ascii: '\0-\x7f',
}
const LETTER_CLASSES: Readonly<Record<string, string>> = { d: '0-9', w: 'a-zA-Z0-9_', s: '\t-\r ', h: '\t \xa0', v: '\n-\r\x85' }
const LETTER_BYTES: Readonly<Record<string, number>> = { a: 7, e: 27, f: 12, n: 10, r: 13, t: 9 }

/** @throws PatternError */
export function parsePattern(pattern: Uint8Array): Regex {
  const reader = new Reader(Buffer.from(pattern).toString('latin1'))
  return reader.whole()
}

class Reader {
  readonly #text: string
  #at = 0
  #depth = 0
  #flags: Flags = { caseless: true, dotAll: false, multiline: false, extended: false }

  /** @param text one character for each byte */
  constructor(text: string) {
    this.#text = text
  }

  whole(): Regex {
    const regex = this.#alternatives()
    if (this.#at < this.#text.length) throw new PatternError('a ) without its (', this.#at)
    return regex
  }

  #alternatives(): Regex {
    if (++this.#depth > MAX_DEPTH) throw new PatternError('groups are nested too deeply', this.#at)
    const outside = { ...this.#flags }
    const branches: Regex[] = []
    do branches.push(this.#sequence())
    while (this.#take('|'))
    this.#flags = outside
    this.#depth--
    return branches.length === 1 ? branches[0] : { kind: 'one', of: branches }
  }

  #sequence(): Regex {
    const of: Regex[] = []
    while (this.#at < this.#text.length && this.#text[this.#at] !== '|' && this.#text[this.#at] !== ')') {
      if (this.#flags.extended && this.#skipped(/(?:\s+|#[^\n]*)/y)) continue
      if (this.#take('\\Q')) {
        const end = this.#text.indexOf('\\E', this.#at)
        const literal = this.#text.slice(this.#at, end < 0 ? undefined : end)
        this.#at = end < 0 ? this.#text.length : end + 2
        const bytes = Array.from(literal, (char) => this.#byte(char.charCodeAt(0)))
        const last = bytes.pop()
        of.push(...bytes, ...(last ? [this.#repeated(last)] : []))
        continue
      }
      if (this.#take('\\E')) continue
      const item = this.#item()
      if (item) of.push(this.#repeated(item))
    }
    return of.length === 1 ? of[0] : { kind: 'all', of }
  }

  #repeated(item: Regex): Regex {
    const at = this.#at
    const [text, sign, least, comma, most] = this.#match(/([*+?])|\{(\d+)(?:(,)(\d*))?\}/y) ?? []
    if (text === undefined) return item
    const from = sign ? (sign === '+' ? 1 : 0) : Number(least)
    const to = sign ? (sign === '?' ? 1 : Number.POSITIVE_INFINITY) : comma ? (most ? Number(most) : Number.POSITIVE_INFINITY) : from
    if (to < from) throw new PatternError(`${text} has its numbers the wrong way round`, at)
    if (from > MAX_REPEAT || (to !== Number.POSITIVE_INFINITY && to > MAX_REPEAT)) throw new PatternError(`${text} is too many`, at)
    // Lazy or not makes no difference to whether there is a match.
    if (!this.#take('?') && this.#text[this.#at] === '+') throw new PatternError('possessive quantifiers are not supported', this.#at)
    if (this.#match(/[*+?]|\{\d+(?:,\d*)?\}/y)) throw new PatternError('nothing to repeat', this.#at - 1)
    return { kind: 'repeat', of: item, least: from, most: to }
  }

  /** One thing that a quantifier can follow; undefined for what only changes flags. */
  #item(): Regex | undefined {
    const at = this.#at
    const char = this.#text[this.#at++]
    switch (char) {
      case '.':
        return { kind: 'set', bytes: setOf(this.#flags.dotAll ? '' : '\n', true) }
      case '^':
        return { kind: 'assert', what: this.#flags.multiline ? 'line-start' : 'start' }
      case '$':
        return { kind: 'assert', what: this.#flags.multiline ? 'line-end' : 'end' }
      case '(':
        return this.#group(at)
      case '[':
        return this.#class(at)
      case '\\':
        return this.#escape(at)
      case '*':
      case '+':
      case '?':
        throw new PatternError('nothing to repeat', at)
      default:
        return this.#byte(char.charCodeAt(0))
    }
  }

  #group(at: number): Regex | undefined {
    if (this.#take('*')) throw new PatternError('verbs such as (*ACCEPT) are not supported', at)
    if (this.#skipped(/\?#[^)]*\)/y)) return undefined
    const flags = this.#match(/\?([a-z]*)(?:-([a-z]*))?([:)])/iy)
    const outside = { ...this.#flags }
    if (flags) {
      const [, on, off, end] = flags
      this.#setFlags(on, true, at)
      this.#setFlags(off ?? '', false, at)
      if (end === ')') return undefined
    } else if (this.#text[this.#at] === '?' && !this.#skipped(/\?(?:P?<[A-Za-z_]\w*>|'[A-Za-z_]\w*')/y)) {
      const look = /\?<?[=!]/y
      look.lastIndex = this.#at
      throw new PatternError(
        look.test(this.#text) ? 'look-around is not supported: say it with and, or, not' : 'this kind of group is not supported',
        at,
      )
    }
    const inside = this.#alternatives()
    if (!this.#take(')')) throw new PatternError('this ( is never closed', at)
    this.#flags = outside
    return inside
  }

  #setFlags(letters: string, on: boolean, at: number): void {
    for (const letter of letters) {
      if (letter === 'i') this.#flags.caseless = on
      else if (letter === 's') this.#flags.dotAll = on
      else if (letter === 'm') this.#flags.multiline = on
      else if (letter === 'x') this.#flags.extended = on
      else throw new PatternError(`the option ${letter} is not supported`, at)
    }
  }

  #class(at: number): Regex {
    const negated = this.#take('^')
    const set = new Uint8Array(256)
    for (let first = true; first || this.#text[this.#at] !== ']'; first = false) {
      if (this.#at >= this.#text.length) throw new PatternError('this [ is never closed', at)
      const posix = this.#match(/\[:(\^?)(\w+):\]/y)
      if (posix) {
        const chars = CLASSES[posix[2]]
        if (chars === undefined) throw new PatternError(`there is no class ${posix[0]}`, this.#at)
        join(set, setOf(chars, posix[1] === '^'))
        continue
      }
      const from = this.#classByte(set)
      const dash = this.#text[this.#at] === '-' && this.#text[this.#at + 1] !== ']' && this.#at + 1 < this.#text.length
      if (from === undefined || !dash) {
        if (from !== undefined) set[from] = 1
        continue
      }
      this.#at++
      const to = this.#classByte(set)
      if (to === undefined || to < from) throw new PatternError('this range of characters has no order', this.#at)
      set.fill(1, from, to + 1)
    }
    this.#at++
    if (this.#flags.caseless) foldCase(set)
    return { kind: 'set', bytes: negated ? set.map((bit) => 1 - bit) : set }
  }

  /** One byte of a class; undefined when it was a class of its own, which is in `set` then. */
  #classByte(set: ByteSet): number | undefined {
    const at = this.#at
    const char = this.#text[this.#at++]
    if (char !== '\\') return char.charCodeAt(0)
    if (this.#take('b')) return 8
    const letter = this.#text[this.#at]
    if (letter !== undefined && letter.toLowerCase() in LETTER_CLASSES) {
      this.#at++
      join(set, letterClass(letter))
      return undefined
    }
    return this.#escapedByte(at, true)
  }

  #escape(at: number): Regex {
    const letter = this.#text[this.#at]
    if (letter === undefined) throw new PatternError('a \\ at the end', at)
    if (letter.toLowerCase() in LETTER_CLASSES) {
      this.#at++
      return { kind: 'set', bytes: letterClass(letter) }
    }
    if (this.#take('N')) return { kind: 'set', bytes: setOf('\n', true) }
    if (this.#take('b')) return { kind: 'assert', what: 'word' }
    if (this.#take('B')) return { kind: 'assert', what: 'no-word' }
    if (this.#take('A')) return { kind: 'assert', what: 'start' }
    if (this.#take('Z')) return { kind: 'assert', what: 'end' }
    if (this.#take('z')) return { kind: 'assert', what: 'very-end' }
    return this.#byte(this.#escapedByte(at, false))
  }

  #escapedByte(at: number, inClass: boolean): number {
    const [hex, short, braced] = this.#match(/x(?:([0-9a-f]{1,2})|\{([0-9a-f]{1,2})\})/iy) ?? []
    if (hex) return Number.parseInt(short ?? braced, 16)
    const octal = this.#match(inClass ? /[0-7]{1,3}/y : /0[0-7]{0,2}|[1-3][0-7]{2}/y)
    if (octal) return Number.parseInt(octal[0], 8) & 255
    const letter = this.#text[this.#at++]
    if (letter === undefined) throw new PatternError('a \\ at the end', at)
    if (letter in LETTER_BYTES) return LETTER_BYTES[letter]
    if (/[1-9gk]/.test(letter)) throw new PatternError('backreferences are not supported', at)
    if (/\w/.test(letter)) throw new PatternError(`\\${letter} is not supported`, at)
    return letter.charCodeAt(0)
  }

  #byte(byte: number): Regex {
    const bytes = new Uint8Array(256)
    bytes[byte] = 1
    if (this.#flags.caseless) foldCase(bytes)
    return { kind: 'set', bytes }
  }

  #take(text: string): boolean {
    if (!this.#text.startsWith(text, this.#at)) return false
    this.#at += text.length
    return true
  }

  #match(pattern: RegExp): RegExpExecArray | undefined {
    pattern.lastIndex = this.#at
    const found = pattern.exec(this.#text)
    if (found) this.#at += found[0].length
    return found ?? undefined
  }

  #skipped(pattern: RegExp): boolean {
    return this.#match(pattern) !== undefined
  }
}

/** @param chars characters and ranges, as `a-z_` */
function setOf(chars: string, negated: boolean): ByteSet {
  const set = new Uint8Array(256)
  for (let i = 0; i < chars.length; i++) {
    const from = chars.charCodeAt(i)
    const range = chars[i + 1] === '-' && i + 2 < chars.length
    set.fill(1, from, (range ? chars.charCodeAt((i += 2)) : from) + 1)
  }
  return negated ? set.map((bit) => 1 - bit) : set
}

function letterClass(letter: string): ByteSet {
  const low = letter.toLowerCase()
  return setOf(LETTER_CLASSES[low], low !== letter)
}

function join(set: ByteSet, more: ByteSet): void {
  for (let i = 0; i < 256; i++) set[i] |= more[i]
}

function foldCase(set: ByteSet): void {
  for (let upper = 65; upper <= 90; upper++) set[upper] = set[upper + 32] = set[upper] | set[upper + 32]
}
