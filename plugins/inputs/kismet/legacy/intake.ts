/**
 * Lines of subscribed sentences, on their way into the backlog.
 *
 * What the snapshot after ENABLE repeats is left out. The counts since the last push (`newpackets` …) come out exactly once: the snapshot holds packets that
 * the next push holds again, so they are given with the snapshot only at the first contact with a run of the server and then taken off the next push;
 * what a push that is left out would have counted is added to the next one.
 */
import { Hasher } from '../hash.ts'
import type { Arrival, Intake } from '../intake.ts'
import { KIND } from '../records.ts'
import { ByName } from './by-name.ts'
import { wholeAt } from './numbers.ts'
import { formOf, type SentenceForm } from './sentences.ts'
import { Tokens } from './tokenise.ts'

const MOST_HASH = 2 ** 48

interface Subscription {
  readonly name: string
  readonly nameHash: number
  readonly form: SentenceForm
  readonly fields: readonly string[]
  readonly key: readonly number[]
  readonly time: number
  /** Whether the last run of Wherry had it too. */
  readonly before: boolean
  readonly deltas: readonly number[]
  /** The same, as they stand in the line. */
  readonly ascending: readonly number[]
  /** Between ENABLE and its ACK. */
  snapshot: boolean
  /** Whether a line of it has come since ENABLE. */
  seen: boolean
  /** It was subscribed before: its pushes go on until the new snapshot begins. */
  readonly again: boolean
}

export class LineIntake {
  readonly #intake: Intake
  readonly #tokens = new Tokens()
  readonly #subscriptions = new ByName<Subscription>()
  readonly #hasher = new Hasher()
  /** What is being read, and the same for the hasher. */
  #bytes: Buffer = Buffer.alloc(0)
  #view: DataView = new DataView(new ArrayBuffer(0))
  readonly #arrival = { kind: KIND.line, key: 0, print: 0, own: 0, ordinal: 0 }
  readonly #known = new Set<string>()
  /** Those whose snapshot is under way. */
  readonly #open = new Map<string, Subscription>()
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
    const deltas = form.deltas.map(place).filter((i) => i >= 0)
    const subscription: Subscription = {
      name,
      nameHash: new Hasher().text(name).value,
      form,
      fields,
      key: form.key.map(place).filter((i) => i >= 0),
      time: form.clock === 'lasttime' ? place('lasttime') : -1,
      before: this.#intake.before?.asked.split(',').includes(name) ?? false,
      deltas,
      ascending: deltas.toSorted((a, b) => a - b),
      snapshot: true,
      seen: false,
      again: this.#known.has(name),
    }
    this.#known.add(name)
    this.#subscriptions.set(name, subscription)
    this.#open.set(name, subscription)
  }

  /** ACK has come: what follows are changes. */
  acknowledged(name: string): void {
    const subscription = this.#open.get(name)
    if (subscription) subscription.snapshot = false
    this.#open.delete(name)
  }

  /** A TIME has come: it stands behind a snapshot that has begun, also when the ACK between them was dropped. */
  timePassed(): void {
    for (const [name, { seen, again }] of this.#open) if (seen && !again) this.acknowledged(name)
  }

  /** The first snapshot is complete. */
  complete(): void {
    this.#first = false
  }

  tick(now: number): void {
    if (now !== this.#intake.now) this.#equal.clear()
    this.#intake.tick(now)
  }

  /**
   * A line, bytes[from … to).
   * @returns its sentence and the fields asked of it, in their order; undefined when it is of no subscribed one
   */
  line(bytes: Buffer, from: number, to: number): { readonly name: string; readonly fields: readonly string[] } | undefined {
    const subscription = this.#subscriptions.find(bytes, from, to)
    if (!subscription) return undefined
    subscription.seen = true
    this.#look(bytes)
    const tokens = this.#tokens
    const whole = tokens.scan(bytes, from, to) && tokens.broken === undefined && subscription.fields.length === tokens.count
    if (!whole) this.#broken(bytes, from, to)
    else if (subscription.form.clock === 'said') this.#said(subscription, bytes, from, to)
    else if (subscription.deltas.length > 0) this.#counted(subscription, bytes, from, to)
    else this.#plain(subscription, bytes, from, to)
    return subscription
  }

  /** A line that is no sentence at all. */
  garbage(bytes: Buffer, from: number, to: number): void {
    this.#look(bytes)
    this.#broken(bytes, from, to)
  }

  #look(bytes: Buffer): void {
    if (bytes === this.#bytes) return
    this.#bytes = bytes
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  }

  /** The worker says what is wrong with it; the same broken line in the next snapshot would say nothing new. */
  #broken(bytes: Buffer, from: number, to: number): void {
    const hash = this.#hasher.begin().bytes(this.#view, from, to).value
    this.#intake.replace(this.#arrived(hash, hash, 0, 0), bytes, from, to)
  }

  /** Each line stands for itself, also when it is equal to the one before. */
  #said({ nameHash }: Subscription, bytes: Buffer, from: number, to: number): void {
    const hash = this.#hasher.begin().bytes(this.#view, from, to).value
    this.#intake.add(this.#arrived(nameHash, hash, 0, this.#ordinal(hash)), bytes, from, to)
  }

  #plain(subscription: Subscription, bytes: Buffer, from: number, to: number): void {
    const { memory } = this.#intake
    const key = this.#key(subscription)
    const own = this.#own(subscription, bytes)
    const print = this.#hasher.begin().bytes(this.#view, from, to).value
    if (this.#covered(subscription, key, own)) return memory.note(key, print)
    const ordinal = subscription.form.clock === 'sample' && !memory.knows(key, print) ? this.#ordinal(key) : 0
    this.#intake.replace(this.#arrived(key, print, own, ordinal), bytes, from, to)
  }

  /** Records with counts since the last push. */
  #counted(subscription: Subscription, bytes: Buffer, from: number, to: number): void {
    const { snapshot } = subscription
    const { memory } = this.#intake
    const key = this.#key(subscription)
    const own = this.#own(subscription, bytes)
    const print = this.#uncounted(subscription, from, to)
    if (this.#covered(subscription, key, own)) return memory.note(key, print)
    const known = memory.knows(key, print)
    // The usual: a push of something new, with nothing to settle.
    if (!snapshot && !known && memory.owed(key) === undefined) this.#intake.put(this.#arrived(key, print, own, 0), bytes, from, to)
    else this.#settle(subscription, this.#arrived(key, print, own, 0), known, bytes.subarray(from, to))
  }

  /** A record of the snapshot, or the first one behind it: which counts are still to be given with it. */
  #settle({ deltas, snapshot }: Subscription, arrival: Arrival, known: boolean, line: Buffer): void {
    const { memory } = this.#intake
    const tokens = this.#tokens
    tokens.scan(line, 0, line.length)
    const owed = memory.owed(arrival.key)
    const pushed = deltas.map((i) => wholeAt(line, tokens.from[i], tokens.to[i]) || 0)
    const counts = snapshot ? pushed.map((count) => (this.#first ? count : 0)) : pushed.map((count, i) => Math.max(0, count + (owed?.[i] ?? 0)))
    if (snapshot) {
      // A second snapshot of the same run holds what the first one has given.
      if (!known && this.#first) memory.owe(arrival.key, counts.some((count) => count !== 0) ? counts.map((count) => -count) : undefined)
    } else memory.owe(arrival.key, known && counts.some((count) => count > 0) ? counts : undefined)
    const changed = pushed.some((count, i) => count !== counts[i])
    this.#intake.replace(arrival, changed ? Buffer.from(withNumbers(line.toString('latin1'), deltas, counts), 'latin1') : line)
  }

  #arrived(key: number, print: number, own: number, ordinal: number): Arrival {
    const arrival = this.#arrival
    arrival.key = key
    arrival.print = print
    arrival.own = own
    arrival.ordinal = ordinal
    return arrival
  }

  #key({ nameHash, key }: Subscription): number {
    const { from, to } = this.#tokens
    const hasher = this.#hasher.begin()
    for (let i = 0; i < key.length; i++) hasher.bytes(this.#view, from[key[i]], to[key[i]])
    // Hashes are as good as random: their sum is one too.
    return (hasher.value + nameHash) % MOST_HASH || 1
  }

  /** Hash of the whole line but for the counts since the last push. */
  #uncounted({ ascending }: Subscription, from: number, to: number): number {
    const tokens = this.#tokens
    const hasher = this.#hasher.begin()
    let at = from
    for (let i = 0; i < ascending.length; i++) {
      hasher.bytes(this.#view, at, tokens.from[ascending[i]])
      at = tokens.to[ascending[i]]
    }
    return hasher.bytes(this.#view, at, to).value
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
