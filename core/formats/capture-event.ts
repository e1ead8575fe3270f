/** Puts what is the same for both capture formats into an event. */
import { envelope, frame } from '../event/envelope.ts'
import type { Event } from '../event/event.ts'

/** Where packets come from: a file, or an interface of a section. Made once, used for each packet. */
export interface PacketSource {
  readonly linkType: number
  /** Number and name within the section; -1 in classic captures. */
  readonly interfaceId: number
  readonly name: Uint8Array
}

const NO_NAME = new Uint8Array(0)
const KIND = new TextEncoder().encode('event')
const DATASET = new TextEncoder().encode('wifi.frame')

export class EventFiller {
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

  /** Places of texts that every event has, and the observer's length. */
  readonly #kindText: number
  readonly #datasetText: number
  readonly #observerText: number
  readonly #observerLength: number

  constructor(event: Event, observer: string) {
    const { fields } = event
    const first = fields.base(envelope)
    const base = fields.base(frame)
    const name = new TextEncoder().encode(observer)
    this.#kindText = event.constant(KIND)
    this.#datasetText = event.constant(DATASET)
    this.#observerText = event.constant(name)
    this.#observerLength = name.length
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
    return { linkType, interfaceId, name: Uint8Array.from(name) }
  }

  fill(event: Event, { linkType, interfaceId, name }: PacketSource, number: number, start: number, captured: number, original: number): void {
    // This runs for every packet: the columns are written as `put` would, the presence bits of a table at once.
    const { a, b, has } = event
    a[this.#kind] = this.#kindText
    b[this.#kind] = KIND.length
    a[this.#dataset] = this.#datasetText
    b[this.#dataset] = DATASET.length
    a[this.#observer] = this.#observerText
    b[this.#observer] = this.#observerLength
    has[this.#kind >>> 5] |= this.#envelopeBits
    a[this.#number] = number
    a[this.#len] = original
    a[this.#capLen] = captured
    a[this.#link] = linkType
    has[this.#number >>> 5] |= this.#frameBits
    if (interfaceId >= 0) {
      event.put(this.#interface, interfaceId)
      if (name.length > 0) event.put(this.#interfaceName, event.keep(name), name.length)
    }
    event.start = start
    event.end = start + captured
  }

  /** For events about the interface itself. */
  fillInterface(event: Event, { interfaceId, name }: PacketSource): void {
    event.put(this.#observer, this.#observerText, this.#observerLength)
    event.put(this.#interface, interfaceId)
    if (name.length > 0) event.put(this.#interfaceName, event.keep(name), name.length)
  }
}

function bits(...numbers: number[]): number {
  return numbers.reduce((sum, number) => sum | (1 << (number & 31)), 0)
}
