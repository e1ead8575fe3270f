/** What columns of an event held before they changed, so that changes can be undone. Entries are used again. */
export class Journal {
  readonly #entries: { field: number; a: number; b: number }[] = []
  /** How many are kept: where to go back to. */
  length = 0

  /** Keeps what a field held. */
  note(field: number, a: number, b: number): void {
    const entry = this.#entries[this.length]
    if (entry) {
      entry.field = field
      entry.a = a
      entry.b = b
    } else this.#entries.push({ field, a, b })
    this.length++
  }

  /** Puts back what was kept since there were so many, the latest first. */
  undo(length: number, a: Float64Array, b: Float64Array): void {
    while (this.length > length) {
      const entry = this.#entries[--this.length]
      a[entry.field] = entry.a
      b[entry.field] = entry.b
    }
  }
}
