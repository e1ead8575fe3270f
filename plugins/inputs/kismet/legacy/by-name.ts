/** Finds what belongs to the sentence of a line, without making a text of its name: lines of one sentence mostly come in a row. */
const COLON = 58
const STAR = 42

interface Entry<T> {
  readonly name: Uint8Array
  readonly value: T
}

export class ByName<T> {
  #entries: Entry<T>[] = []
  #last: Entry<T> | undefined

  set(name: string, value: T): void {
    const bytes = Buffer.from(name, 'latin1')
    this.#entries = [...this.#entries.filter((one) => Buffer.compare(one.name, bytes) !== 0), { name: bytes, value }]
    this.#last = undefined
  }

  clear(): void {
    this.#entries = []
    this.#last = undefined
  }

  /** @param end of the line, which begins at `at` */
  find(bytes: Uint8Array, at: number, end: number): T | undefined {
    if (at >= end || bytes[at] !== STAR) return undefined
    if (this.#last && has(bytes, at + 1, end, this.#last.name)) return this.#last.value
    for (const entry of this.#entries) {
      if (!has(bytes, at + 1, end, entry.name)) continue
      this.#last = entry
      return entry.value
    }
    return undefined
  }
}

/** Whether the name and a colon stand there. */
function has(bytes: Uint8Array, at: number, end: number, name: Uint8Array): boolean {
  if (at + name.length >= end || bytes[at + name.length] !== COLON) return false
  for (let i = 0; i < name.length; i++) if (bytes[at + i] !== name[i]) return false
  return true
}
