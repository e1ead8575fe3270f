/**
 * Replaces or removes the values of a record that may not leave: those there are at once, and those of lazy tables as they are decoded (`Lens`), so that
 * nothing is decoded for being hidden, and frames that repeat are still written from their templates.
 *
 * What is made of a value follows from the value, the period's key and, for names, from the kind of frame, which never varies in a run that repeats.
 */
import { type Event, envelope, frame, type KnownField, type Lens, type PureContext } from '../../../core/plugin.ts'
import { ACTION, actionFor, type Choices } from './actions.ts'
import type { Pseudonyms } from './pseudonyms.ts'
import type { Rekey } from './rekey.ts'

/** `wlan.fc.type_subtype` of probe responses and beacons: what an access point calls its network. */
const ANNOUNCING = new Set([0x05, 0x08])
/** The same in Kismet's words: of a record about an SSID, of a device. */
const ANNOUNCING_RECORDS = new Set(['beacon', 'probe_response', 'probe response', 'Wi-Fi AP'])

/** Lenses made in this thread. */
let lenses = 0

/** What concealing needs to know of the fields, the same for all periods. */
export class Plan {
  /** One of `ACTION` for each field number. */
  readonly actions: Uint8Array
  /** Presence words with fields to act on. */
  readonly words: Int32Array
  /** The bits of these fields in each of `words`. */
  readonly masks: Int32Array
  /** For each bit of a lazy table, by its number, the fields to act on. */
  readonly tables: Int32Array[] = []
  readonly decimals: number
  readonly kind: number
  readonly recordKind: KnownField | undefined
  readonly id: number
  readonly captured: number

  constructor({ fields, event }: Pick<PureContext, 'fields' | 'event'>, choices: Choices) {
    this.actions = new Uint8Array(fields.words * 32)
    this.decimals = 10 ** (choices.position_decimals ?? 0)
    const masks = new Map<number, number>()
    const tables = new Map<number, number[]>()
    for (const field of fields.all) {
      if (!field) continue
      const action = actionFor(field, choices)
      if (action === ACTION.none) continue
      const { number } = field
      this.actions[number] = action
      masks.set(number >>> 5, (masks.get(number >>> 5) ?? 0) | (1 << (number & 31)))
      const bit = event.lazyBitOf(number)
      if (bit !== 0) tables.set(31 - Math.clz32(bit), [...(tables.get(31 - Math.clz32(bit)) ?? []), number])
    }
    this.words = Int32Array.from(masks.keys())
    this.masks = Int32Array.from(masks.values())
    for (let i = 0; i < 32; i++) this.tables.push(Int32Array.from(tables.get(i) ?? []))
    this.kind = fields.find('wlan.fc.type_subtype')?.number ?? -1
    this.recordKind = fields.find('kismet.type_name')
    this.id = fields.base(envelope) + envelope.at.id
    this.captured = fields.base(frame) + frame.at.capLen
  }
}

export class Concealer implements Lens {
  readonly key = ++lenses
  readonly #plan: Plan
  readonly #pseudonyms: Pseudonyms
  readonly #rekey: Rekey
  /** What is there when concealing begins, by word. */
  readonly #there: Int32Array

  constructor(plan: Plan, pseudonyms: Pseudonyms, rekey: Rekey) {
    this.#plan = plan
    this.#pseudonyms = pseudonyms
    this.#rekey = rekey
    this.#there = new Int32Array(plan.words.length)
  }

  /** Conceals all that the event has and will have. */
  apply(event: Event): void {
    const { words, masks, id, captured } = this.#plan
    // Of two filters of this kind the second one sees what the first one left; what is kept of texts is the first one's.
    if (event.lens !== undefined) {
      event.force(event.pending)
      event.repeat = undefined
    }
    for (let i = 0; i < words.length; i++) this.#there[i] = event.has[words[i]] & masks[i]
    // From here on, since concealing may itself have a table decoded.
    event.lens ??= this
    for (let i = 0; i < words.length; i++) {
      let bits = this.#there[i]
      while (bits !== 0) {
        const bit = 31 - Math.clz32(bits)
        bits &= ~(1 << bit)
        this.#change(event, words[i] * 32 + bit)
      }
    }
    // Ids of captured frames tell a place in a stream; others may be made of addresses.
    if (!event.present(captured) && event.present(id)) this.#rekey.change(event, id)
  }

  see(event: Event, bits: number): void {
    const numbers = this.#plan.tables[31 - Math.clz32(bits)]
    for (let i = 0; i < numbers.length; i++) {
      const number = numbers[i]
      if ((event.has[number >>> 5] & (1 << (number & 31))) !== 0) this.#change(event, number)
    }
  }

  isDirect(number: number): boolean {
    const action = this.#plan.actions[number]
    return action === ACTION.none || action === ACTION.mac || action === ACTION.remove || action === ACTION.ssid
  }

  direct(number: number, a: number): number {
    return this.#plan.actions[number] === ACTION.mac ? this.#pseudonyms.mac(a) : a
  }

  #change(event: Event, number: number): void {
    const { a, b } = event
    switch (this.#plan.actions[number]) {
      case ACTION.mac:
        return event.replace(number, this.#pseudonyms.mac(a[number]))
      case ACTION.macs:
        return this.#macs(event, number)
      case ACTION.token:
        return this.#token(event, number)
      case ACTION.remove:
        return event.conceal(number)
      case ACTION.ssid:
        if (!this.#announced(event)) event.conceal(number)
        return
      case ACTION.ip:
        return event.replace(number, network(event, a[number], b[number]), b[number])
      case ACTION.ips:
        return this.#ips(event, number)
      case ACTION.point:
        return event.replace(number, this.#rounded(a[number]), this.#rounded(b[number]))
      case ACTION.degrees:
        return event.replace(number, this.#rounded(a[number]))
    }
  }

  #rounded(degrees: number): number {
    const { decimals } = this.#plan
    return Math.round(degrees * decimals) / decimals
  }

  /** A list is written anew: the one that is there may be seen by another branch. */
  #macs(event: Event, number: number): void {
    const [first, count] = [event.a[number], event.b[number]]
    const start = event.listEnd
    for (let i = 0; i < count; i++) event.push(this.#pseudonyms.mac(event.list[first + i]))
    event.replace(number, start, count)
  }

  #ips(event: Event, number: number): void {
    const [first, count] = [event.a[number], event.b[number]]
    const start = event.listEnd
    for (let i = 0; i < count; i++) {
      const length = event.list[first + 2 * i + 1]
      event.push(network(event, event.list[first + 2 * i], length))
      event.push(length)
    }
    event.replace(number, start, count)
  }

  #token(event: Event, number: number): void {
    const token = this.#pseudonyms.token(event.view(event.a[number], event.b[number]))
    const bytes = event.fields.all[number]!.type === 'text' ? Buffer.from(token.toString('hex')) : token
    event.replace(number, event.keep(bytes), bytes.length)
  }

  #announced(event: Event): boolean {
    const { kind, recordKind } = this.#plan
    if (kind >= 0 && event.present(kind)) return ANNOUNCING.has(event.a[kind])
    if (recordKind === undefined || !event.present(recordKind.number)) return false
    const { number } = recordKind
    return ANNOUNCING_RECORDS.has(Buffer.from(event.view(event.a[number], event.b[number])).toString())
  }
}

/** The first 24 bits of an IPv4 address, the first 48 of an IPv6 address; a place in the arena. */
function network(event: Event, place: number, length: number): number {
  const bytes = Uint8Array.from(event.view(place, length))
  return event.keep(bytes.fill(0, length === 4 ? 3 : 6))
}
