/**
 * Chunks that ask for an ack: each client gets its acks in the order in which its chunks came, once their events are settled.
 *
 * A chunk that comes again within the window (its first ack was lost, or is not due yet) is acknowledged like the first one and not taken in again.
 */

/** Chunks that are remembered after they were settled; the oldest go first. */
const WINDOW = 10_000

/** A chunk, however often it came. */
export interface Chunk {
  settled: boolean
}

export class Acks {
  readonly #known = new Map<string, Chunk>()
  /** Chunks that are taken in, with the batch of their last event; batches are settled in their order. */
  #open: { readonly chunk: Chunk; readonly batch: number }[] = []
  #settled = 0
  readonly #changed: () => void

  /** @param changed some chunks are settled */
  constructor(changed: () => void) {
    this.#changed = changed
  }

  /** A chunk has come: known already, or new. Chunks with the same name are one and the same. */
  arrived(name: string): { readonly chunk: Chunk; readonly known: boolean } {
    const before = this.#known.get(name)
    if (before) {
      // To the young end, since who repeats once may do it again.
      this.#known.delete(name)
      this.#known.set(name, before)
      return { chunk: before, known: true }
    }
    const chunk: Chunk = { settled: false }
    this.#known.set(name, chunk)
    if (this.#known.size > WINDOW) this.#forget()
    return { chunk, known: false }
  }

  /** It was not taken in as a whole: when it comes again it is new. */
  abandon(name: string): void {
    this.#known.delete(name)
  }

  /** All of a chunk has been taken in. */
  taken(chunk: Chunk, batch: number): void {
    if (batch > this.#settled) this.#open.push({ chunk, batch })
    else this.#settle([chunk])
  }

  /** Everything up to this batch is settled. */
  settled(batch: number): void {
    this.#settled = batch
    const done = this.#open.filter((one) => one.batch <= batch)
    this.#open = this.#open.filter((one) => one.batch > batch)
    this.#settle(done.map(({ chunk }) => chunk))
  }

  #settle(chunks: readonly Chunk[]): void {
    for (const chunk of chunks) chunk.settled = true
    if (chunks.length > 0) this.#changed()
  }

  /** The oldest that is settled; those under way are few. */
  #forget(): void {
    for (const [name, { settled }] of this.#known) {
      if (!settled) continue
      this.#known.delete(name)
      return
    }
  }
}
