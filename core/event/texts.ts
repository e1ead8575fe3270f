/** Texts of which a filter has few, such as names of makers: constants of the pipeline's event, so that writers take them for a part of records that repeat. */
import type { Event } from './event.ts'

/** Texts that become constants, which stay for good; further ones are kept for each record. */
const MOST = 512

export class Text {
  readonly bytes: Uint8Array
  /** Of the constant; 0 until it is one. */
  place = 0
  asked = false

  constructor(bytes: Uint8Array) {
    this.bytes = bytes
  }
}

export class Texts {
  readonly #pipeline: Event
  #asked = 0

  /** @param pipeline the pipeline's event */
  constructor(pipeline: Event) {
    this.#pipeline = pipeline
  }

  /** The text's place in an event, for the record at hand. */
  place(event: Event, text: Text): number {
    // An event that a filter made has constants of its own.
    if (event !== this.#pipeline) return event.keep(text.bytes)
    if (text.place !== 0) return text.place
    if (text.asked || this.#asked >= MOST) return event.keep(text.bytes)
    text.asked = true
    this.#asked++
    return event.keepOn(text.bytes, (place) => {
      text.place = place
    })
  }
}
