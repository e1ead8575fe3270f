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
import { Journal } from './journal.ts'
import type { Lens } from './lens.ts'
import { Tenant } from './machine/tenant.ts'
import { readFirst } from './reads.ts'
import type { Repeat } from './repeat.ts'
import { readValue, storeValue } from './values.ts'

/** What `get` returns and `set` takes; see the table in fields.ts. */
export type Value = boolean | number | bigint | string | { lat: number; lon: number } | readonly Value[]

/** A table that is decoded when somebody asks for one of its fields; made by `Event.lazy` at start, used through `defer`. */
export interface LazyTable {
  readonly bit: number
}

interface Mark {
  repeat: Repeat | undefined
  lens: Lens | undefined
  has: Uint32Array
  show: Uint32Array
  shown: number
  hidden: number
  pending: number
  arenaEnd: number
  listEnd: number
  journalEnd: number
  start: number
  end: number
}

const NO_BYTES = new Uint8Array(0)
const toUtf8 = new TextEncoder()
const FIRST_ARENA = 1024
const FIRST_LIST = 256
/** Of presence words, two columns, batch, arena and lists. */
const PIECES = 6
/** Hiders made in this thread. */
let hiders = 0

export class Event {
  readonly fields: Fields
  /** Presence, one bit for each field number. */
  readonly has: Uint32Array
  /** Who hid fields of this record: 0 nobody, a number from `hider`, -1 more than one. The same number means the same `show`. */
  shown = 0
  readonly a: Float64Array
  readonly b: Float64Array
  /** Where the machine finds the event; 0 when a part of it is in other memory. */
  place = 0
  /** The batch that the record is part of. */
  bytes: Uint8Array = NO_BYTES
  /** The same bytes, for reading wider numbers. */
  wide = new DataView<ArrayBufferLike>(NO_BYTES.buffer)
  /** The packet of a capture record within `bytes`; empty for other records. */
  start = 0
  end = 0
  /** Text and bytes that are not in the record: set values, ids. */
  arena = new Uint8Array(0)
  arenaEnd = 0
  /** Values of lists: one number each, two for text, bytes, ip and u64. */
  list = new Float64Array(0)
  listEnd = 0
  /** Bits of the lazy tables not decoded yet. */
  pending = 0
  /** What repeats in this record. */
  repeat: Repeat | undefined
  /** What tables are seen through that are decoded from here on. */
  lens: Lens | undefined

  /** The presence bits once more, to empty them by fewer stores. */
  readonly #hasWide: Float64Array
  readonly #show: Uint32Array
  /** Whose hiding `#show` holds, as `shown` has it. Records are mostly shown like the one before, so it is left as it is until somebody looks. */
  #showOf = 0
  readonly #lazy: ((event: Event) => void)[]
  /** For each field number, the bit of its lazy table or 0. */
  readonly #lazyBit: Int32Array
  readonly #marks: Mark[] = []
  /** Bits of the lazy tables without a shown field. */
  #hidden = 0
  /** Bytes of constants at the beginning of the arena. */
  #constants = 0
  /** What is constant from the next record on. */
  #coming: { readonly source: Uint8Array; readonly then: (place: number) => void }[] = []
  #depth = 0
  readonly #journal = new Journal()
  readonly #envelope: number
  readonly #frame: number
  readonly #tenant = new Tenant(PIECES)

  /** @param twin an event of the same fields whose lazy tables this one shares, also those registered later */
  constructor(fields: Fields, twin?: Event) {
    const size = fields.words * 32
    this.fields = fields
    this.#hasWide = new Float64Array(...this.#tenant.take((fields.words + 1) >> 1, 8))
    this.has = new Uint32Array(this.#hasWide.buffer, this.#hasWide.byteOffset, fields.words)
    this.#show = new Uint32Array(fields.words).fill(0xffffffff)
    this.a = new Float64Array(...this.#tenant.take(size, 8))
    this.b = new Float64Array(...this.#tenant.take(size, 8))
    this.arena = new Uint8Array(...this.#tenant.take(FIRST_ARENA, 1))
    this.list = new Float64Array(...this.#tenant.take(FIRST_LIST, 8))
    this.#lazy = twin ? twin.#lazy : []
    this.#lazyBit = twin ? twin.#lazyBit : new Int32Array(size)
    if (twin) {
      this.#constants = twin.#constants
      this.room(twin.#constants)
      this.arena.set(twin.arena.subarray(0, twin.#constants))
    }
    this.#envelope = fields.base(envelope)
    this.#frame = fields.base(frame)
    this.#locate()
  }

  #locate(): void {
    this.place = this.#tenant.locate(this.has, this.a, this.b, this.bytes, this.arena, this.list)
  }

  /** Copies a batch to where the machine sees it, and answers the copy: for `open`, until the next batch. */
  batch(bytes: Uint8Array): Uint8Array {
    return this.#tenant.copy(bytes)
  }

  /** Which fields writers write; filters hide what their `emit` leaves out. All ones unless hidden. */
  get show(): Uint32Array {
    if (this.shown === 0 && this.#showOf !== 0) {
      this.#show.fill(0xffffffff)
      this.#showOf = 0
    }
    return this.#show
  }

  /** Empties the event for the next record; `bytes` is the batch it lies in. */
  open(bytes: Uint8Array): void {
    const wide = this.#hasWide
    for (let i = 0; i < wide.length; i++) wide[i] = 0
    if (bytes !== this.bytes) {
      this.bytes = bytes
      this.wide = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
      this.#locate()
    }
    this.start = this.end = this.shown = this.#hidden = 0
    if (this.#coming.length > 0) this.#addConstants()
    this.arenaEnd = this.#constants
    this.listEnd = this.pending = 0
    this.repeat = this.lens = undefined
    this.#depth = 0
    this.#journal.length = 0
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
    this.#show.set(held.show)
    this.shown = this.#showOf = -1
  }

  // --- what decoders and the core use ---

  /** Whether a field, by number, has a value. Decodes its lazy table if need be. */
  present(number: number): boolean {
    if ((this.pending & this.#lazyBit[number]) !== 0) this.force(this.#lazyBit[number])
    return (this.has[number >>> 5] & (1 << (number & 31))) !== 0
  }

  /**
   * The number in `a` of a field that is no list, NaN when it is absent. Of a record that repeats it is taken from the bytes where these have it, so that its table
   * need not be decoded.
   */
  numberOf(number: number): number {
    const bit = this.#lazyBit[number]
    if ((this.pending & bit) !== 0) {
      const { repeat } = this
      if (repeat !== undefined && this.lens === undefined) {
        const { reads, direct } = repeat
        for (let i = 0; i < reads.length; i++) {
          const { field, how, at, extra } = reads[i]
          if (field === number) return readFirst(this, how, at, extra)
        }
        if ((direct & bit) !== 0) return Number.NaN
      }
      this.force(bit)
    }
    return (this.has[number >>> 5] & (1 << (number & 31))) !== 0 ? this.a[number] : Number.NaN
  }

  setField(field: KnownField, value: Value): void {
    const { number } = field
    this.present(number)
    this.#note(number)
    this.#override(field)
    storeValue(this, field, value)
    this.has[number >>> 5] |= 1 << (number & 31)
    if ((this.show[number >>> 5] & (1 << (number & 31))) !== 0) return
    this.#show[number >>> 5] |= 1 << (number & 31)
    this.#hidden &= ~this.#lazyBit[number]
    this.shown = this.#showOf = -1
  }

  /** Stores numbers of a field in a table that the caller has claimed. */
  put(number: number, a: number, b = 0): void {
    this.a[number] = a
    this.b[number] = b
    this.has[number >>> 5] |= 1 << (number & 31)
  }

  /** Replaces the numbers of a field that is present; for a `Lens`, whose replacements are no end of a repeat. */
  replace(number: number, a: number, b = 0): void {
    this.#note(number)
    this.a[number] = a
    this.b[number] = b
  }

  /** Makes a field absent, without decoding anything; for a `Lens`. */
  conceal(number: number): void {
    this.has[number >>> 5] &= ~(1 << (number & 31))
  }

  /** Appends to the list arena and returns the place; lists are stored as (place of the first, count). */
  push(value: number): number {
    if (this.listEnd === this.list.length) {
      const larger = new Float64Array(...this.#tenant.take(this.list.length * 2, 8))
      larger.set(this.list)
      this.list = larger
      this.#locate()
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

  /** Copies text into the arena, up to `arenaEnd`, and returns its place. */
  keepText(text: string): number {
    const at = this.room(text.length)
    for (let i = 0; i < text.length; i++) {
      const code = text.charCodeAt(i)
      if (code > 0x7f) {
        this.arenaEnd = at
        return this.keep(toUtf8.encode(text))
      }
      this.arena[at + i] = code
    }
    return -at - 1
  }

  /** Keeps bytes for all records to come and returns their place. Only while pipelines are built; later, `keepOn`. */
  constant(source: Uint8Array): number {
    this.arenaEnd = this.#constants
    const place = this.keep(source)
    this.#constants = this.arenaEnd
    return place
  }

  /**
   * Keeps bytes for this record and returns their place; from the next one on they are kept for all, and `then` is told where. For texts of which there are
   * few: writers know a constant by its place, and take it for a part of records that repeat.
   */
  keepOn(source: Uint8Array, then: (place: number) => void): number {
    this.#coming.push({ source: source.slice(), then })
    return this.keep(source)
  }

  #addConstants(): void {
    for (const { source, then } of this.#coming) then(this.constant(source))
    this.#coming = []
  }

  /** Whether a place holds what `constant` keeps. */
  isConstant(place: number): boolean {
    return place < 0 && -place - 1 < this.#constants
  }

  /** Makes room in the arena and returns its index there. */
  room(length: number): number {
    const at = this.arenaEnd
    if (at + length > this.arena.length) {
      const larger = new Uint8Array(...this.#tenant.take(Math.max(this.arena.length * 2, at + length), 1))
      larger.set(this.arena)
      this.arena = larger
      this.#locate()
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
    this.#lazy.push(decode)
    for (let i = 0; i < table.fields.length; i++) this.#lazyBit[base + i] |= bit
    return { bit }
  }

  /**
   * Makes what hides fields of a record from writers.
   * @param hidden says of a field's number whether it is hidden; asked once, when all lazy tables are registered
   */
  hider(hidden: (number: number) => boolean): (event: Event) => void {
    const masks = new Map<number, number>()
    let lazy = this.#lazy.reduce((bits, _, i) => bits | (1 << i), 0)
    for (const field of this.fields.all) {
      if (!field) continue
      const { number } = field
      if (hidden(number)) masks.set(number >>> 5, (masks.get(number >>> 5) ?? -1) & ~(1 << (number & 31)))
      else lazy &= ~this.#lazyBit[number]
    }
    const words = Int32Array.from(masks.keys())
    const bits = Int32Array.from(masks.values())
    const key = ++hiders
    return (event) => {
      event.#hidden |= lazy
      if (event.shown === 0 && event.#showOf === key) {
        event.shown = key
        return
      }
      const { show } = event
      for (let i = 0; i < words.length; i++) show[words[i]] &= bits[i]
      event.shown = event.#showOf = event.shown === 0 ? key : -1
    }
  }

  /** The bit of a lazy table; 0 when it is not registered as one. */
  lazyBit(table: FieldTable): number {
    return this.#lazyBit[this.fields.base(table)]
  }

  /** The bit of a field's lazy table; 0 when it has none. */
  lazyBitOf(number: number): number {
    return this.#lazyBit[number]
  }

  /** Says that a lazy table can be decoded from this record when somebody asks. */
  defer(table: LazyTable): void {
    this.pending |= table.bit
  }

  /** Decodes those of the given lazy tables that are pending. */
  force(bits: number): void {
    this.#decode(bits)
  }

  /** Decodes the pending tables that have a shown field; what writers do first. Not those of `but`, which they have kept. */
  forceShown(but = 0): void {
    this.#decode(~(this.#hidden | but))
  }

  /** Remembers the state; changes from here on are undone by `rollback`. Marks nest. */
  mark(): void {
    let mark = this.#marks[this.#depth]
    if (!mark) {
      mark = {
        repeat: undefined,
        lens: undefined,
        has: new Uint32Array(this.has.length),
        show: new Uint32Array(this.has.length),
        shown: 0,
        hidden: 0,
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
    mark.shown = this.shown
    mark.hidden = this.#hidden
    mark.pending = this.pending
    mark.repeat = this.repeat
    mark.lens = this.lens
    mark.arenaEnd = this.arenaEnd
    mark.listEnd = this.listEnd
    mark.journalEnd = this.#journal.length
    mark.start = this.start
    mark.end = this.end
    this.#depth++
  }

  /** Back to the last `mark`, which stays. */
  rollback(): void {
    const mark = this.#marks[this.#depth - 1]
    this.#journal.undo(mark.journalEnd, this.a, this.b)
    this.has.set(mark.has)
    this.#show.set(mark.show)
    this.shown = this.#showOf = mark.shown
    this.#hidden = mark.hidden
    this.pending = mark.pending
    this.repeat = mark.repeat
    this.lens = mark.lens
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
  #override({ number }: KnownField): void {
    const { repeat } = this
    if (repeat !== undefined && ((repeat.tables | repeat.direct) & this.#lazyBit[number]) !== 0) this.repeat = undefined
  }

  /** Decodes those of these tables that are pending. A table's decoder may ask for another table. */
  #decode(bits: number): void {
    for (let rest = bits & this.pending; rest !== 0; rest &= this.pending) {
      const i = 31 - Math.clz32(rest)
      this.pending &= ~(1 << i)
      this.#lazy[i](this)
      if (this.lens !== undefined) this.lens.see(this, 1 << i)
    }
  }

  #note(number: number): void {
    if (this.#depth > 0) this.#journal.note(number, this.a[number], this.b[number])
  }
}

/** What `hold` gives: values of the fields that were present. */
export interface HeldEvent {
  readonly values: readonly (readonly [KnownField, Value])[]
  readonly show: Uint32Array
}
