/** Event ids that may be made of addresses, as a server's records have them, get 16 keyed bytes behind their time instead of a plain hash. */
import { createHmac } from 'node:crypto'
import type { Event } from '../../../core/plugin.ts'

const TIME_BYTES = 8
const ID_BYTES = 24

export class Rekey {
  readonly #key: Uint8Array

  constructor(master: Uint8Array) {
    this.#key = createHmac('sha256', master).update('ids').digest()
  }

  /** @param number of the id's field, which the event has */
  change(event: Event, number: number): void {
    event.replace(number, event.keep(this.id(event.view(event.a[number], ID_BYTES))), ID_BYTES)
  }

  /** Of equal ids equal ones: a repeat is still known as one. */
  id(id: Uint8Array): Uint8Array {
    const keyed = Uint8Array.from(id)
    keyed.set(
      createHmac('sha256', this.#key)
        .update(id)
        .digest()
        .subarray(0, ID_BYTES - TIME_BYTES),
      TIME_BYTES,
    )
    return keyed
  }
}
