/** The queue of an output in memory: first in, first out; how much it may hold is asked for before reading on. What it holds is lost with the process and read again. */
import type { Parcel } from '../delivery/parcel.ts'

export interface Queue {
  /** Takes a sealed payload, also beyond the limit: fullness is asked for before reading on, not here. */
  push(parcel: Parcel): void
  /** The oldest payload, or undefined. It counts until `settled`. */
  shift(): Parcel | undefined
  /** A payload from `shift` is gone for good, or was replaced by smaller ones. */
  settled(parcel: Parcel): void
  /** Payloads waiting, oldest first; for the books. */
  waiting(): Iterable<Parcel>
  /** Bytes of all payloads that are not settled. */
  readonly bytes: number
}

/** What a payload weighs beside its body. */
const PER_EVENT = 12
const PER_PAYLOAD = 512

export class MemoryQueue implements Queue {
  #items: Parcel[] = []
  #head = 0
  #bytes = 0

  push(parcel: Parcel): void {
    this.#items.push(parcel)
    this.#bytes += weight(parcel)
  }

  shift(): Parcel | undefined {
    const parcel = this.#items[this.#head]
    if (!parcel) return undefined
    this.#head++
    if (this.#head > 1024 || this.#head === this.#items.length) {
      this.#items = this.#items.slice(this.#head)
      this.#head = 0
    }
    return parcel
  }

  settled(parcel: Parcel): void {
    this.#bytes -= weight(parcel)
  }

  waiting(): Iterable<Parcel> {
    return this.#items.slice(this.#head)
  }

  get bytes(): number {
    return this.#bytes
  }
}

function weight({ body, count }: Parcel): number {
  return body.length + count * PER_EVENT + PER_PAYLOAD
}
