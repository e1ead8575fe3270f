/** Finds what belongs to the sentence of a line, without making a text of its name: lines of one sentence mostly come in a row. */
const COLON = 58

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

  /** @param at place of the line's star */
  find(bytes: Uint8Array, at: number): T | undefined {
    if (this.#last && has(bytes, at + 1, this.#last.name)) return this.#last.value
    for (const entry of this.#entries) {
      if (!has(bytes, at + 1, entry.name)) continue
      this.#last = entry
      return entry.value
    }
    return undefined
  }
}

/** Whether the name and a colon stand there. */
function has(bytes: Uint8Array, at: number, name: Uint8Array): boolean {
  if (bytes[at + name.length] !== COLON) return false
  for (let i = 0; i < name.length; i++) if (bytes[at + i] !== name[i]) return false
  return true
}
