/** Puts what is the same for both capture formats into an event. */
import { envelope, frame } from '../event/envelope.ts'
import type { Event } from '../event/event.ts'
import type { Fields } from '../event/fields.ts'

/** Where packets come from: a file, or an interface of a section. Made once, used for each packet. */
export interface PacketSource {
  readonly linkType: number
  /** Number and name within the section; -1 in classic captures. */
  readonly interfaceId: number
  readonly nameLength: number
  /** Texts that every event of this source repeats, one behind the other: kind, dataset, observer, interface name. */
  readonly texts: Uint8Array
}

const NO_NAME = new Uint8Array(0)
const KIND = new TextEncoder().encode('event')
const DATASET = new TextEncoder().encode('wifi.frame')

export class EventFiller {
  readonly observer: Uint8Array
  readonly #kind: number
  readonly #dataset: number
  readonly #observer: number
  readonly #number: number
  readonly #len: number
  readonly #capLen: number
  readonly #link: number
  readonly #interface: number
  readonly #interfaceName: number
  readonly #envelopeBits: number
  readonly #frameBits: number

  constructor(fields: Fields, observer: string) {
    const first = fields.base(envelope)
    const base = fields.base(frame)
    this.observer = new TextEncoder().encode(observer)
    this.#kind = first + envelope.at.kind
    this.#dataset = first + envelope.at.dataset
    this.#observer = first + envelope.at.observer
    this.#number = base + frame.at.number
    this.#len = base + frame.at.len
    this.#capLen = base + frame.at.capLen
    this.#link = base + frame.at.link
    this.#interface = base + frame.at.interface
    this.#interfaceName = base + frame.at.interfaceName
    // Both tables have fewer than 32 fields, and tables begin at whole words.
    this.#envelopeBits = bits(this.#kind, this.#dataset, this.#observer)
    this.#frameBits = bits(this.#number, this.#len, this.#capLen, this.#link)
  }

  source(linkType: number, interfaceId = -1, name: Uint8Array = NO_NAME): PacketSource {
    const texts = Buffer.concat([KIND, DATASET, this.observer, name])
    return { linkType, interfaceId, nameLength: name.length, texts: Uint8Array.from(texts) }
  }

  fill(event: Event, source: PacketSource, number: number, start: number, captured: number, original: number): void {
    const { texts, interfaceId, nameLength } = source
    const at = event.room(texts.length)
    event.arena.set(texts, at)
    // This runs for every packet: the columns are written as `put` would, the presence bits of a table at once.
    const { a, b, has } = event
    // Places in the arena are -index - 1.
    a[this.#kind] = -at - 1
    b[this.#kind] = KIND.length
    a[this.#dataset] = -at - 1 - KIND.length
    b[this.#dataset] = DATASET.length
    a[this.#observer] = -at - 1 - KIND.length - DATASET.length
    b[this.#observer] = this.observer.length
    has[this.#kind >>> 5] |= this.#envelopeBits
    a[this.#number] = number
    a[this.#len] = original
    a[this.#capLen] = captured
    a[this.#link] = source.linkType
    has[this.#number >>> 5] |= this.#frameBits
    if (interfaceId >= 0) {
      event.put(this.#interface, interfaceId)
      if (nameLength > 0) event.put(this.#interfaceName, -at - 1 - (texts.length - nameLength), nameLength)
    }
    event.start = start
    event.end = start + captured
  }

  /** For events about the interface itself. */
  fillInterface(event: Event, source: PacketSource): void {
    event.put(this.#interface, source.interfaceId)
    if (source.nameLength > 0) event.put(this.#interfaceName, event.keep(source.texts.subarray(-source.nameLength)), source.nameLength)
  }
}

function bits(...numbers: number[]): number {
  return numbers.reduce((sum, number) => sum | (1 << (number & 31)), 0)
}
