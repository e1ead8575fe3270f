/**
 * Which checkpoint entry belongs to which file.
 *
 * Entries are named after what a capture begins with, so the same capture under another name or compressed finds its entry
 * again. A second file with the same content, while the first is still there, is a copy: `identity~2`, with ids equal to the first's.
 */
import type { Position } from '../../../core/plugin.ts'
import { type Place, readPlace } from './position.ts'

/** So many the checkpoint keeps of one input. */
const MOST_PLACES = 10_000

export interface Candidate {
  readonly path: string
  readonly dev: number
  readonly ino: number
  readonly identity: string | undefined
}

export class Ledger<F extends Candidate> {
  readonly places = new Map<string, Place>()
  readonly #owners = new Map<string, F>()
  /** The stream that was kept last. */
  #newest: string | undefined

  constructor(entries: Iterable<readonly [string, Position]>) {
    for (const [stream, position] of entries) {
      const place = readPlace(position)
      if (place) this.places.set(stream, place)
    }
  }

  /** As the checkpoint does, keeps only the streams that were read last. */
  keep(stream: string, place: Place): void {
    if (this.#newest !== stream) this.places.delete(stream)
    this.#newest = stream
    this.places.set(stream, place)
    if (this.places.size > MOST_PLACES) {
      for (const old of this.places.keys()) {
        if (this.#owners.has(old)) continue
        this.places.delete(old)
        break
      }
    }
  }

  owner(stream: string): F | undefined {
    return this.#owners.get(stream)
  }

  claim(stream: string, file: F): void {
    this.#owners.set(stream, file)
  }

  release(stream: string): void {
    this.#owners.delete(stream)
  }

  /** The free entry that was made for this very file. */
  own(file: F): string | undefined {
    return this.#streams(file).find((stream) => {
      const place = this.places.get(stream)
      return !this.#owners.has(stream) && place?.dev === file.dev && place.ino === file.ino
    })
  }

  /**
   * A free entry whose file has gone from its path, or the name itself when it is free.
   * @param holds whether a path leads to a capture of this identity that is not the file itself
   */
  async inherited(file: F, holds: (path: string) => Promise<boolean>): Promise<string | undefined> {
    const identity = file.identity as string
    for (const stream of this.#streams(file)) {
      const place = this.places.get(stream)
      if (!this.#owners.has(stream) && place && (place.path === file.path || !(await holds(place.path)))) return stream
    }
    return this.places.has(identity) || this.#owners.has(identity) ? undefined : identity
  }

  /** A name for one more copy. */
  copy(identity: string): string {
    for (let n = 2; ; n++) {
      const stream = `${identity}~${n}`
      if (!this.places.has(stream) && !this.#owners.has(stream)) return stream
    }
  }

  /** Entries that no file has claimed. */
  unclaimed(): [string, Place][] {
    return [...this.places].filter(([stream]) => !this.#owners.has(stream))
  }

  /** Names of entries with the file's identity, the plain one first. */
  #streams({ identity }: F): string[] {
    const streams: string[] = []
    if (identity === undefined) return streams
    if (this.places.has(identity)) streams.push(identity)
    for (let n = 2; this.places.has(`${identity}~${n}`) || this.#owners.has(`${identity}~${n}`); n++) {
      if (this.places.has(`${identity}~${n}`)) streams.push(`${identity}~${n}`)
    }
    return streams
  }
}
