/**
 * Matches regular expressions over bytes in time linear in the subject, without an allocation once warm.
 *
 * The pattern becomes a program of sets, splits and assertions (Thompson's construction); a table of states is built while
 * matching. A state is the places in the program that are alive before the next byte, and what the byte before it was.
 * Assertions look at both, so they are decided when the next byte is known.
 */
import { type Assertion, type ByteSet, PatternError, parsePattern, type Regex } from './regex-parse.ts'

export { PatternError } from './regex-parse.ts'

/** Whether bytes [from … to) have the pattern in them. */
export type Matcher = (bytes: Uint8Array, from: number, to: number) => boolean

/** Where the table of states does not help, a byte costs about 0.1 µs for each step of the program: so many that a batch of names stays far below `hang_ms`. */
const MAX_PROGRAM = 1000
const MAX_STATES = 256
/** Repeats of empty groups add no step, so visits are limited too. */
const MAX_VISITS = 20_000

type Step =
  | { readonly kind: 'set'; readonly bytes: ByteSet }
  | { readonly kind: 'split'; to: number; or: number }
  | { readonly kind: 'assert'; readonly what: Assertion }
  | { readonly kind: 'match' }

/** Symbols beyond the 256 bytes: the end, and a newline that is the last byte (`$` holds before it). */
const END = 256
const LAST_NEWLINE = 257
const SYMBOLS = 258
const NEWLINE = 10

const YES = -1
const NO = -2
const UNKNOWN = -3

type Before = 'start' | 'newline' | 'word' | 'other'

interface State {
  readonly alive: readonly number[]
  readonly before: Before
  /** For each symbol the next state, or what the answer is. */
  readonly next: Int16Array
}

const WORD = Uint8Array.from({ length: SYMBOLS }, (_, byte) => (byte < END && /\w/.test(String.fromCharCode(byte)) ? 1 : 0))

/**
 * Compiles a pattern; letter case is ignored unless it says `(?-i)`.
 * @throws PatternError when it is wrong, would need backtracking, or is too large
 */
export function compilePattern(pattern: Uint8Array): Matcher {
  const program = assemble(parsePattern(pattern))
  const states: State[] = []
  const numbers = new Map<string, number>()
  const stateOf = (alive: readonly number[], before: Before): number => {
    const key = `${before}:${alive.join()}`
    let number = numbers.get(key)
    if (number === undefined) {
      number = states.push({ alive, before, next: new Int16Array(SYMBOLS).fill(UNKNOWN) }) - 1
      numbers.set(key, number)
    }
    return number
  }
  const step = (state: State, symbol: number): number => {
    const alive = closure(program, state.alive, state.before, symbol)
    if (alive === undefined) return YES
    if (symbol === END) return NO
    const byte = symbol === LAST_NEWLINE ? NEWLINE : symbol
    const after = alive.filter((at) => (program[at] as { bytes: ByteSet }).bytes[byte] === 1).map((at) => at + 1)
    if (states.length >= MAX_STATES) {
      states.length = 0
      numbers.clear()
      stateOf([0], 'start')
    }
    return stateOf(after, byte === NEWLINE ? 'newline' : WORD[byte] ? 'word' : 'other')
  }
  stateOf([0], 'start')
  return (bytes, from, to) => {
    let state = states[0]
    for (let i = from; i <= to; i++) {
      const symbol = i === to ? END : bytes[i] === NEWLINE && i === to - 1 ? LAST_NEWLINE : bytes[i]
      let next = state.next[symbol]
      if (next === UNKNOWN) {
        const full = states.length >= MAX_STATES
        next = step(state, symbol)
        // With a full table the states were made anew, and `state` is none of them any more.
        if (!full || next < 0) state.next[symbol] = next
      }
      if (next < 0) return next === YES
      state = states[next]
    }
    return false
  }
}

function assemble(regex: Regex): readonly Step[] {
  const program: Step[] = []
  const add = (step: Step): number => {
    if (program.length >= MAX_PROGRAM) throw new PatternError('this pattern is too large', 0)
    return program.push(step) - 1
  }
  /** A step that goes to the next one, and to wherever its `or` is set. */
  const split = (): { to: number; or: number } => {
    const step = { kind: 'split' as const, to: program.length + 1, or: program.length + 1 }
    add(step)
    return step
  }
  let visits = 0
  const emit = (node: Regex): void => {
    if (++visits > MAX_VISITS) throw new PatternError('this pattern is too large', 0)
    switch (node.kind) {
      case 'set':
      case 'assert':
        add(node)
        return
      case 'all':
        for (const part of node.of) emit(part)
        return
      case 'one': {
        const ends: { to: number; or: number }[] = []
        node.of.forEach((branch, i) => {
          const fork = i < node.of.length - 1 ? split() : undefined
          emit(branch)
          if (fork) {
            ends.push(split())
            fork.or = program.length
          }
        })
        for (const end of ends) end.to = end.or = program.length
        return
      }
      case 'repeat': {
        for (let i = 0; i < node.least; i++) emit(node.of)
        if (node.most === Number.POSITIVE_INFINITY) {
          const at = program.length
          const loop = split()
          emit(node.of)
          const back = split()
          back.to = back.or = at
          loop.or = program.length
          return
        }
        const exits: { or: number }[] = []
        for (let i = node.least; i < node.most; i++) {
          exits.push(split())
          emit(node.of)
        }
        for (const exit of exits) exit.or = program.length
      }
    }
  }
  // A match may begin anywhere: any number of any bytes first.
  emit({ kind: 'repeat', of: { kind: 'set', bytes: new Uint8Array(256).fill(1) }, least: 0, most: Number.POSITIVE_INFINITY })
  emit(regex)
  add({ kind: 'match' })
  return program
}

/** The sets that are reached without a byte, in ascending order; undefined when the match is. */
function closure(program: readonly Step[], alive: readonly number[], before: Before, next: number): number[] | undefined {
  const seen = new Uint8Array(program.length)
  const todo = [...alive]
  const sets: number[] = []
  for (let at = todo.pop(); at !== undefined; at = todo.pop()) {
    if (seen[at]) continue
    seen[at] = 1
    const step = program[at]
    if (step.kind === 'match') return undefined
    if (step.kind === 'set') sets.push(at)
    else if (step.kind === 'split') todo.push(step.or, step.to)
    else if (holds(step.what, before, next)) todo.push(at + 1)
  }
  return sets.sort((a, b) => a - b)
}

function holds(what: Assertion, before: Before, next: number): boolean {
  switch (what) {
    case 'start':
      return before === 'start'
    case 'line-start':
      return before === 'start' || (before === 'newline' && next !== END)
    case 'end':
      return next === END || next === LAST_NEWLINE
    case 'line-end':
      return next === END || next === LAST_NEWLINE || next === NEWLINE
    case 'very-end':
      return next === END
    case 'word':
      return (before === 'word') !== (WORD[next] === 1)
    case 'no-word':
      return (before === 'word') === (WORD[next] === 1)
  }
}
