/** Streams that lost their file with bytes unread: a gap, unless the bytes turn up under another name in time. */
import type { Batch } from '../../../core/plugin.ts'
import { gapBatch } from './gap.ts'
import type { Place } from './position.ts'

interface Orphan {
  readonly place: Place
  readonly reason: string
  readonly since: number
}

export class Gaps {
  readonly #orphans = new Map<string, Orphan>()
  readonly #graceMs: number

  /** @param graceMs how long a renamed or compressed file may take to turn up */
  constructor(graceMs: number) {
    this.#graceMs = graceMs
  }

  lost(stream: string, place: Place, reason: string, now: number): void {
    if (place.unread > 0) this.#orphans.set(stream, { place, reason, since: now })
  }

  /** The stream goes on in another file. */
  found(stream: string): void {
    this.#orphans.delete(stream)
  }

  get waiting(): boolean {
    return this.#orphans.size > 0
  }

  /** Batches of those that are lost for good. */
  *due(now: number): Iterable<{ stream: string; place: Place; batch: Batch }> {
    for (const [stream, { place, reason, since }] of this.#orphans) {
      if (now - since < this.#graceMs) continue
      this.#orphans.delete(stream)
      yield { stream, place: { ...place, unread: 0 }, batch: gapBatch(stream, place, reason) }
    }
  }
}
