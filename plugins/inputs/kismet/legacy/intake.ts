/**
 * Lines of subscribed sentences, on their way into the backlog.
 *
 * What the snapshot after ENABLE repeats is left out. The counts since the last push (`newpackets` …) come out exactly once: the snapshot holds packets that
 * the next push holds again, so they are given with the snapshot only at the first contact with a run of the server and then taken off the next push;
 * what a push that is left out would have counted is added to the next one.
 */
import { Hasher } from '../hash.ts'
import type { Intake } from '../intake.ts'
import { KIND } from '../records.ts'
import { wholeAt } from './numbers.ts'
import { formOf, type SentenceForm } from './sentences.ts'
import { Tokens } from './tokenise.ts'

interface Subscription {
  readonly name: string
  readonly form: SentenceForm
  readonly fields: readonly string[]
  readonly key: readonly number[]
  readonly time: number
  /** Whether the last run of Wherry had it too. */
  readonly before: boolean
  readonly deltas: readonly number[]
  /** For each field whether it is one of them. */
  readonly counted: readonly boolean[]
  /** Between ENABLE and its ACK. */
  snapshot: boolean
}

export class LineIntake {
  readonly #intake: Intake
  readonly #tokens = new Tokens()
  readonly #subscriptions = new Map<string, Subscription>()
  /** Equal lines since the last tick of the server's clock. */
  readonly #equal = new Map<number, number>()
  /** Nothing of this run of the server was read before: counts of the snapshot have not been given yet. */
  #first: boolean

  constructor(intake: Intake, first: boolean) {
    this.#intake = intake
    this.#first = first
  }

  /** ENABLE was sent. */
  subscribe(name: string, fields: readonly string[]): void {
    const form = formOf(name)
    const place = (field: string) => fields.indexOf(field)
    this.#subscriptions.set(name, {
      name,
      form,
      fields,
      key: form.key.map(place).filter((i) => i >= 0),
      time: form.clock === 'lasttime' ? place('lasttime') : -1,
      before: this.#intake.before?.asked.split(',').includes(name) ?? false,
      deltas: form.deltas.map(place).filter((i) => i >= 0),
      counted: fields.map((field) => form.deltas.includes(field)),
      snapshot: true,
    })
  }

  /** ACK has come: what follows are changes. */
  acknowledged(name: string): void {
    const subscription = this.#subscriptions.get(name)
    if (subscription) subscription.snapshot = false
  }

  /** The first snapshot is complete. */
  complete(): void {
    this.#first = false
  }

  tick(now: number): void {
    if (now !== this.#intake.now) this.#equal.clear()
    this.#intake.tick(now)
  }

  /** A line of a subscribed sentence: bytes[from … to). */
  line(name: string, bytes: Buffer, from: number, to: number): void {
    const tokens = this.#tokens
    const subscription = this.#subscriptions.get(name)
    const whole = tokens.scan(bytes, from, to) && tokens.broken === undefined && subscription?.fields.length === tokens.count
    // The worker says what is wrong with it; the same broken line in the next snapshot would say nothing new.
    if (!subscription || !whole) {
      const hash = new Hasher().bytes(bytes, from, to).value
      this.#intake.replace({ kind: KIND.line, key: hash, print: hash, own: 0 }, bytes.subarray(from, to))
      return
    }
    const { clock } = subscription.form
    if (clock === 'said') this.#said(subscription, bytes.subarray(from, to))
    else if (subscription.deltas.length > 0) this.#counted(subscription, bytes, from, to)
    else this.#plain(subscription, bytes, from, to)
  }

  /** Each line stands for itself, also when it is equal to the one before. */
  #said({ name }: Subscription, line: Buffer): void {
    const hash = new Hasher().bytes(line, 0, line.length).value
    this.#intake.add({ kind: KIND.line, key: new Hasher().text(name).value, print: hash, own: 0, ordinal: this.#ordinal(hash) }, line)
  }

  #plain(subscription: Subscription, bytes: Buffer, from: number, to: number): void {
    const key = this.#key(subscription, bytes)
    const own = this.#own(subscription, bytes)
    const print = new Hasher().bytes(bytes, from, to).value
    if (this.#covered(subscription, key, own)) return this.#intake.memory.note(key, print)
    const ordinal = subscription.form.clock === 'sample' && !this.#intake.memory.knows(key, print) ? this.#ordinal(key) : 0
    this.#intake.replace({ kind: KIND.line, key, print, own, ordinal }, bytes.subarray(from, to))
  }

  /** Records with counts since the last push. */
  #counted(subscription: Subscription, bytes: Buffer, from: number, to: number): void {
    const { deltas, counted, snapshot } = subscription
    const { memory } = this.#intake
    const tokens = this.#tokens
    const key = this.#key(subscription, bytes)
    const own = this.#own(subscription, bytes)
    const hasher = new Hasher().text(subscription.name)
    for (let i = 0; i < counted.length; i++) if (!counted[i]) hasher.bytes(bytes, tokens.from[i], tokens.to[i])
    const print = hasher.value
    if (this.#covered(subscription, key, own)) return memory.note(key, print)
    const known = memory.knows(key, print)
    const owed = memory.owed(key)
    const arrival = { kind: KIND.line, key, print, own }
    // The usual: a push of something new, with nothing to settle.
    if (!snapshot && !owed && !known) return void this.#intake.replace(arrival, bytes.subarray(from, to))
    const pushed = deltas.map((i) => wholeAt(bytes, tokens.from[i], tokens.to[i]) || 0)
    // What of the counts is still to be given with this record.
    const counts = snapshot ? pushed.map((count) => (this.#first ? count : 0)) : pushed.map((count, i) => Math.max(0, count + (owed?.[i] ?? 0)))
    if (snapshot) {
      // A second snapshot of the same run holds what the first one has given.
      if (!known && this.#first) memory.owe(key, counts.some((count) => count !== 0) ? counts.map((count) => -count) : undefined)
    } else memory.owe(key, known && counts.some((count) => count > 0) ? counts : undefined)
    const changed = pushed.some((count, i) => count !== counts[i])
    const line = changed ? Buffer.from(withNumbers(bytes.toString('latin1', from, to), deltas, counts), 'latin1') : bytes.subarray(from, to)
    this.#intake.replace(arrival, line)
  }

  #key({ name, key }: Subscription, bytes: Buffer): number {
    const hasher = new Hasher().text(name)
    for (let i = 0; i < key.length; i++) hasher.bytes(bytes, this.#tokens.from[key[i]], this.#tokens.to[key[i]])
    return hasher.value
  }

  #own({ time }: Subscription, bytes: Buffer): number {
    const own = time >= 0 ? wholeAt(bytes, this.#tokens.from[time], this.#tokens.to[time]) : 0
    return own > 0 ? own : 0
  }

  #covered({ snapshot, before }: Subscription, key: number, own: number): boolean {
    if (!snapshot || this.#intake.memory.has(key) || !this.#intake.covered(own, before)) return false
    this.#intake.repeats++
    return true
  }

  #ordinal(hash: number): number {
    const ordinal = this.#equal.get(hash) ?? 0
    this.#equal.set(hash, ordinal + 1)
    return ordinal
  }
}

/** The line with other numbers in some of its fields, which are not quoted. */
export function withNumbers(line: string, places: readonly number[], numbers: readonly number[]): string {
  let at = line.indexOf(': ') + 2
  let made = line.slice(0, at)
  for (let field = 0; at < line.length; field++) {
    let end = line.charCodeAt(at) === 1 ? line.indexOf('\x01', at + 1) + 1 : line.indexOf(' ', at)
    if (end < at) end = line.length
    const i = places.indexOf(field)
    made += i >= 0 ? String(numbers[i]) : line.slice(at, end)
    made += line.slice(end, end + 1)
    at = end + 1
  }
  return made
}
