/**
 * The event: one reused object into which each record is read in turn.
 *
 * Values live in columns addressed by field number (see fields.ts for what `a` and `b` hold), presence in bits, so
 * that a writer made for the field tables goes straight from numbers and record bytes to output bytes.
 *
 * Invariants
 * - A field is present if and only if its bit in `has` is set; `a` and `b` of an absent field are garbage.
 * - Places of 0 or more point into `bytes`, below 0 into `arena`; nothing of an event is valid after the next `open`.
 * - A table whose bit is set in `pending` has not been decoded yet: reading or setting one of its fields does that first.
 * - Between `mark` and `rollback` every change can be undone: single values by the journal, whole tables by `claim`.
 */

import { envelope, frame } from './envelope.ts'
import type { Fields, FieldTable, KnownField } from './fields.ts'
import { ID_BYTES, putRecordId } from './id.ts'
import { readValue, storeValue } from './values.ts'

/** What `get` returns and `set` takes; see the table in fields.ts. */
export type Value = boolean | number | bigint | string | { lat: number; lon: number } | readonly Value[]

/** A table that is decoded when somebody asks for one of its fields; made by `Event.lazy` at start, used through `defer`. */
export interface LazyTable {
  readonly bit: number
}

/**
 * Says that some lazy tables of this record follow from a run of its bytes alone, and that the run probably repeats: the elements of an access point's
 * beacons. Writers keep what they wrote for such a run. Setting or deleting a field of these tables ends it for this record.
 */
export interface Repeat {
  readonly tables: readonly FieldTable[]
  /** Who repeats it: transmitter and kind of frame, as an integer. */
  key: number
  /** The run in `event.bytes`. */
  start: number
  end: number
  /** Pairs of [from, to) in `event.bytes`, ascending: bytes within the run that vary and determine no field of `tables`. At most `MOST_VARYING` pairs. */
  readonly varying: Int32Array
  /** Fills `varying` and answers the number of pairs. Called when the run was not known. */
  findVarying(event: Event): number
}

interface Mark {
  repeat: Repeat | undefined
  has: Uint32Array
  show: Uint32Array
  pending: number
  arenaEnd: number
  listEnd: number
  journalEnd: number
  start: number
  end: number
}

const NO_BYTES = new Uint8Array(0)
const NO_TABLES: readonly FieldTable[] = []
/** Pairs in `Repeat.varying`. */
export const MOST_VARYING = 8

export class Event {
  readonly fields: Fields
  /** Presence, one bit for each field number. */
  readonly has: Uint32Array
  /** Which fields writers write; filters hide what their `emit` leaves out. All ones unless hidden. */
  readonly show: Uint32Array
  readonly a: Float64Array
  readonly b: Float64Array
  /** The batch that the record is part of. */
  bytes: Uint8Array = NO_BYTES
  /** The same bytes, for reading wider numbers. */
  wide = new DataView<ArrayBufferLike>(NO_BYTES.buffer)
  /** The packet of a capture record within `bytes`; empty for other records. */
  start = 0
  end = 0
  /** Text and bytes that are not in the record: set values, ids. */
  arena = new Uint8Array(1024)
  arenaEnd = 0
  /** Values of lists: one number each, two for text, bytes, ip and u64. */
  list = new Float64Array(256)
  listEnd = 0
  /** Bits of the lazy tables not decoded yet. */
  pending = 0
  /** What probably repeats in this record. */
  repeat: Repeat | undefined

  readonly #lazy: { decode: (event: Event) => void; table: FieldTable; first: number; masks: Int32Array }[]
  /** For each field number, the bit of its lazy table or 0. */
  readonly #lazyBit: Int32Array
  readonly #marks: Mark[] = []
  /** Bytes of constants at the beginning of the arena. */
  #constants = 0
  #depth = 0
  readonly #journal: { field: number; a: number; b: number }[] = []
  #journalEnd = 0
  readonly #envelope: number
  readonly #frame: number

  /** @param twin an event of the same fields whose lazy tables this one shares, also those registered later */
  constructor(fields: Fields, twin?: Event) {
    const size = fields.words * 32
    this.fields = fields
    this.has = new Uint32Array(fields.words)
    this.show = new Uint32Array(fields.words).fill(0xffffffff)
    this.a = new Float64Array(size)
    this.b = new Float64Array(size)
    this.#lazy = twin ? twin.#lazy : []
    this.#lazyBit = twin ? twin.#lazyBit : new Int32Array(size)
    if (twin) {
      this.arena = twin.arena.slice()
      this.#constants = twin.#constants
    }
    this.#envelope = fields.base(envelope)
    this.#frame = fields.base(frame)
  }

  /** Empties the event for the next record; `bytes` is the batch it lies in. */
  open(bytes: Uint8Array): void {
    this.has.fill(0)
    this.show.fill(0xffffffff)
    if (bytes !== this.bytes) {
      this.bytes = bytes
      this.wide = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
    }
    this.start = this.end = 0
    this.arenaEnd = this.#constants
    this.listEnd = this.pending = 0
    this.repeat = undefined
    this.#depth = 0
    this.#journalEnd = 0
  }

  // --- what plugin authors use ---

  /** The value of a field by path or alias, undefined when absent. Throws on a name that no table has. */
  get(name: string): Value | undefined {
    const field = this.#known(name)
    return this.present(field.number) ? readValue(this, field) : undefined
  }

  /** Sets a declared field. Throws TypeError when the value does not fit its type, or no table declares it. */
  set(name: string, value: Value): void {
    this.setField(this.#known(name), value)
  }

  /** Makes a field absent. */
  delete(name: string): void {
    const field = this.#known(name)
    const { number } = field
    if (!this.present(number)) return
    this.#note(number)
    this.#override(field)
    this.has[number >>> 5] &= ~(1 << (number & 31))
  }

  /** A compact copy of all that is present, free of the batch; `restore` puts it into another event of the same fields. */
  hold(): HeldEvent {
    this.force(this.pending)
    const values: [KnownField, Value][] = []
    for (const field of this.fields.all) {
      if (field && this.present(field.number)) values.push([field, readValue(this, field)])
    }
    return { values, show: this.show.slice() }
  }

  restore(held: HeldEvent): void {
    for (const [field, value] of held.values) this.setField(field, value)
    this.show.set(held.show)
  }

  // --- what decoders and the core use ---

  /** Whether a field, by number, has a value. Decodes its lazy table if need be. */
  present(number: number): boolean {
    if ((this.pending & this.#lazyBit[number]) !== 0) this.force(this.#lazyBit[number])
    return (this.has[number >>> 5] & (1 << (number & 31))) !== 0
  }

  setField(field: KnownField, value: Value): void {
    const { number } = field
    this.present(number)
    this.#note(number)
    this.#override(field)
    storeValue(this, field, value)
    this.has[number >>> 5] |= 1 << (number & 31)
    this.show[number >>> 5] |= 1 << (number & 31)
  }

  /** Stores numbers of a field in a table that the caller has claimed. */
  put(number: number, a: number, b = 0): void {
    this.a[number] = a
    this.b[number] = b
    this.has[number >>> 5] |= 1 << (number & 31)
  }

  /** Appends to the list arena and returns the place; lists are stored as (place of the first, count). */
  push(value: number): number {
    if (this.listEnd === this.list.length) {
      const larger = new Float64Array(this.list.length * 2)
      larger.set(this.list)
      this.list = larger
    }
    this.list[this.listEnd] = value
    return this.listEnd++
  }

  /** Copies bytes into the arena and returns their place (below 0). */
  keep(source: Uint8Array): number {
    const at = this.room(source.length)
    this.arena.set(source, at)
    return -at - 1
  }

  /** Keeps bytes for all records to come and returns their place. Only while pipelines are built. */
  constant(source: Uint8Array): number {
    this.arenaEnd = this.#constants
    const place = this.keep(source)
    this.#constants = this.arenaEnd
    return place
  }

  /** Makes room in the arena and returns its index there. */
  room(length: number): number {
    const at = this.arenaEnd
    if (at + length > this.arena.length) {
      const larger = new Uint8Array(Math.max(this.arena.length * 2, at + length))
      larger.set(this.arena)
      this.arena = larger
    }
    this.arenaEnd = at + length
    return at
  }

  /** The bytes at a place; a view, valid until the next `open`. */
  view(place: number, length: number): Uint8Array {
    return place < 0 ? this.arena.subarray(-place - 1, -place - 1 + length) : this.bytes.subarray(place, place + length)
  }

  /** Says that a decoder is about to write a whole table: its old values are gone, and come back with `rollback`. */
  claim(base: number, size: number): void {
    const last = (base + size - 1) >>> 5
    for (let word = base >>> 5; word <= last; word++) {
      if (this.has[word] === 0) continue
      if (this.#depth > 0) {
        for (let bit = 0; bit < 32; bit++) if (this.has[word] & (1 << bit)) this.#note(word * 32 + bit)
      }
      this.has[word] = 0
    }
  }

  /** Sets what a capture record is: the time, the id and where the packet lies. */
  record(seconds: number, nanos: number, key: Uint8Array, offset: number): void {
    const at = this.room(ID_BYTES)
    putRecordId(this.arena, at, seconds, nanos, key, offset)
    const base = this.#envelope
    this.put(base + envelope.at.timestamp, seconds, nanos)
    this.put(base + envelope.at.id, -at - 1, ID_BYTES)
  }

  /** Marks the record as damaged: what is decoded so far stays. */
  damage(type: string, reason: string): void {
    this.set('error.type', type)
    this.set('error.reason', reason)
  }

  /** Registers a lazy table at start. `decode` fills it from the event and must `claim` it first. At most 31 of them. */
  lazy(table: FieldTable, decode: (event: Event) => void): LazyTable {
    const bit = 1 << this.#lazy.length
    if (this.#lazy.length >= 31) throw new Error('more than 31 lazy tables')
    const base = this.fields.base(table)
    const { length } = table.fields
    // The bits of the table's fields alone: those behind its last one are nobody's.
    const masks = Int32Array.from({ length: Math.ceil(length / 32) }, (_, word) => (length - word * 32 >= 32 ? -1 : (1 << (length - word * 32)) - 1))
    this.#lazy.push({ decode, table, first: base >>> 5, masks })
    for (let i = 0; i < table.fields.length; i++) this.#lazyBit[base + i] |= bit
    return { bit }
  }

  /** Says that a lazy table can be decoded from this record when somebody asks. */
  defer(table: LazyTable): void {
    this.pending |= table.bit
  }

  /** Decodes those of the given lazy tables that are pending. */
  force(bits: number): void {
    let todo = this.pending & bits
    this.pending &= ~bits
    for (let i = 0; todo !== 0; i++, todo >>>= 1) if (todo & 1) this.#lazy[i].decode(this)
  }

  /** Decodes the pending tables that have a shown field; what writers do first. Those of `but` they have kept. */
  forceShown(but: readonly FieldTable[] = NO_TABLES): void {
    if (this.pending === 0) return
    for (let i = 0; i < this.#lazy.length; i++) {
      if ((this.pending & (1 << i)) === 0) continue
      const { decode, table, first, masks } = this.#lazy[i]
      if (but.length > 0 && but.includes(table)) continue
      let shown = 0
      for (let word = 0; word < masks.length; word++) shown |= this.show[first + word] & masks[word]
      if (shown === 0) continue
      this.pending &= ~(1 << i)
      decode(this)
    }
  }

  /** Remembers the state; changes from here on are undone by `rollback`. Marks nest. */
  mark(): void {
    let mark = this.#marks[this.#depth]
    if (!mark) {
      mark = {
        repeat: undefined,
        has: new Uint32Array(this.has.length),
        show: new Uint32Array(this.has.length),
        pending: 0,
        arenaEnd: 0,
        listEnd: 0,
        journalEnd: 0,
        start: 0,
        end: 0,
      }
      this.#marks[this.#depth] = mark
    }
    mark.has.set(this.has)
    mark.show.set(this.show)
    mark.pending = this.pending
    mark.repeat = this.repeat
    mark.arenaEnd = this.arenaEnd
    mark.listEnd = this.listEnd
    mark.journalEnd = this.#journalEnd
    mark.start = this.start
    mark.end = this.end
    this.#depth++
  }

  /** Back to the last `mark`, which stays. */
  rollback(): void {
    const mark = this.#marks[this.#depth - 1]
    while (this.#journalEnd > mark.journalEnd) {
      const entry = this.#journal[--this.#journalEnd]
      this.a[entry.field] = entry.a
      this.b[entry.field] = entry.b
    }
    this.has.set(mark.has)
    this.show.set(mark.show)
    this.pending = mark.pending
    this.repeat = mark.repeat
    this.arenaEnd = mark.arenaEnd
    this.listEnd = mark.listEnd
    this.start = mark.start
    this.end = mark.end
  }

  /** Forgets the last `mark`; the state stays as it is. */
  unmark(): void {
    this.#depth--
  }

  /** Number of the first field of the frame table, which every capture input fills. */
  get frameBase(): number {
    return this.#frame
  }

  #known(name: string): KnownField {
    const field = this.fields.find(name)
    if (!field) throw new TypeError(`no plugin declares the field ${name}`)
    return field
  }

  /** A value that does not follow from the bytes any more must not be taken for one that does. */
  #override({ table }: KnownField): void {
    if (this.repeat?.tables.includes(table)) this.repeat = undefined
  }

  #note(number: number): void {
    if (this.#depth === 0) return
    const entry = this.#journal[this.#journalEnd]
    if (entry) {
      entry.field = number
      entry.a = this.a[number]
      entry.b = this.b[number]
    } else this.#journal.push({ field: number, a: this.a[number], b: this.b[number] })
    this.#journalEnd++
  }
}

/** What `hold` gives: values of the fields that were present. */
export interface HeldEvent {
  readonly values: readonly (readonly [KnownField, Value])[]
  readonly show: Uint32Array
}
