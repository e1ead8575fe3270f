/**
 * What was last said about each thing, so that what a server says again is known. Bounded: what was heard of longest ago is forgotten first, which costs a
 * repeat under its old id and nothing else.
 *
 * A hash table in typed arrays: numbers of 48 bits in a Map would be objects of their own, which tens of thousands of things make a burden for the
 * garbage collector.
 *
 * Invariants
 * - Keys are whole numbers above 0; 0 marks a free slot. A key lies at its home slot or behind it, with no free slot in between.
 * - All slots in use are linked from the oldest to the youngest. Slot numbers in links are one higher, so that 0 is none.
 */
const FIRST_SLOTS = 1024

export class Memory {
  readonly #most: number
  #size = 0
  #keys = new Float64Array(FIRST_SLOTS)
  #prints = new Float64Array(FIRST_SLOTS)
  /** NaN: none. */
  #totals = new Float64Array(FIRST_SLOTS).fill(Number.NaN)
  #older = new Int32Array(FIRST_SLOTS)
  #younger = new Int32Array(FIRST_SLOTS)
  #oldest = 0
  #youngest = 0
  /** Counts that are still to be settled; of few things at a time. */
  readonly #owed = new Map<number, readonly number[]>()

  constructor(most: number) {
    this.#most = most
  }

  get size(): number {
    return this.#size
  }

  has(key: number): boolean {
    return this.#keys[this.#find(key)] === key
  }

  /** Whether this was the last that was said about the key. */
  knows(key: number, print: number): boolean {
    const slot = this.#find(key)
    return this.#keys[slot] === key && this.#prints[slot] === print
  }

  /** Remembers it; moves the key to the young end. */
  note(key: number, print: number): void {
    let slot = this.#find(key)
    if (this.#keys[slot] === key) this.#unlink(slot)
    else {
      if (this.#size >= this.#most) this.#remove(this.#oldest - 1)
      if (2 * (this.#size + 1) > this.#keys.length) this.#grow()
      slot = this.#find(key)
      this.#keys[slot] = key
      this.#totals[slot] = Number.NaN
      this.#size++
    }
    this.#prints[slot] = print
    this.#link(slot)
  }

  /** A total that was kept with the key; NaN when there is none. */
  total(key: number): number {
    const slot = this.#find(key)
    return this.#keys[slot] === key ? this.#totals[slot] : Number.NaN
  }

  /** Keeps a total with a key that is remembered. */
  keepTotal(key: number, total: number): void {
    const slot = this.#find(key)
    if (this.#keys[slot] === key) this.#totals[slot] = total
  }

  /** Counts that the next record about the key settles. */
  owed(key: number): readonly number[] | undefined {
    return this.#owed.size === 0 ? undefined : this.#owed.get(key)
  }

  owe(key: number, counts: readonly number[] | undefined): void {
    if (counts === undefined) {
      if (this.#owed.size > 0) this.#owed.delete(key)
    } else this.#owed.set(key, counts)
  }

  /** All that is remembered, from the oldest to the youngest. */
  each(visit: (key: number, print: number, total: number) => void): void {
    for (let slot = this.#oldest - 1; slot >= 0; slot = this.#younger[slot] - 1) visit(this.#keys[slot], this.#prints[slot], this.#totals[slot])
  }

  clear(): void {
    this.#keys.fill(0)
    this.#size = this.#oldest = this.#youngest = 0
    this.#owed.clear()
  }

  /** The slot of a key, or the free one where it belongs. */
  #find(key: number): number {
    const keys = this.#keys
    const mask = keys.length - 1
    let slot = home(key, mask)
    while (keys[slot] !== key && keys[slot] !== 0) slot = (slot + 1) & mask
    return slot
  }

  #link(slot: number): void {
    this.#older[slot] = this.#youngest
    this.#younger[slot] = 0
    if (this.#youngest > 0) this.#younger[this.#youngest - 1] = slot + 1
    else this.#oldest = slot + 1
    this.#youngest = slot + 1
  }

  #unlink(slot: number): void {
    const older = this.#older[slot]
    const younger = this.#younger[slot]
    if (older > 0) this.#younger[older - 1] = younger
    else this.#oldest = younger
    if (younger > 0) this.#older[younger - 1] = older
    else this.#youngest = older
  }

  /** Frees a slot, and moves up what would not be found behind it any more. */
  #remove(slot: number): void {
    const keys = this.#keys
    const mask = keys.length - 1
    this.#owed.delete(keys[slot])
    this.#unlink(slot)
    this.#size--
    let free = slot
    for (let next = (free + 1) & mask; keys[next] !== 0; next = (next + 1) & mask) {
      // Its home lies behind the free slot: it stays.
      if (((next - home(keys[next], mask)) & mask) < ((next - free) & mask)) continue
      this.#move(next, free)
      free = next
    }
    keys[free] = 0
  }

  #move(from: number, to: number): void {
    this.#keys[to] = this.#keys[from]
    this.#prints[to] = this.#prints[from]
    this.#totals[to] = this.#totals[from]
    const older = this.#older[from]
    const younger = this.#younger[from]
    this.#older[to] = older
    this.#younger[to] = younger
    if (older > 0) this.#younger[older - 1] = to + 1
    else this.#oldest = to + 1
    if (younger > 0) this.#older[younger - 1] = to + 1
    else this.#youngest = to + 1
  }

  #grow(): void {
    const [keys, prints, totals, younger] = [this.#keys, this.#prints, this.#totals, this.#younger]
    const slots = 2 * keys.length
    let next = this.#oldest
    this.#keys = new Float64Array(slots)
    this.#prints = new Float64Array(slots)
    this.#totals = new Float64Array(slots)
    this.#older = new Int32Array(slots)
    this.#younger = new Int32Array(slots)
    this.#oldest = this.#youngest = 0
    for (; next > 0; next = younger[next - 1]) {
      const slot = this.#find(keys[next - 1])
      this.#keys[slot] = keys[next - 1]
      this.#prints[slot] = prints[next - 1]
      this.#totals[slot] = totals[next - 1]
      this.#link(slot)
    }
  }
}

/** Keys are hashes: their lower bits are as good as any. */
function home(key: number, mask: number): number {
  return (key % 4294967296) & mask
}
