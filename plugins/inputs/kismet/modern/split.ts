/**
 * Takes the objects out of a JSON text as it comes in: every object that is a member of a list, whole, whatever is in it. So a reply of thirty thousand
 * devices is never held at once. Bare and wrapped lists are both read: `[{…},{…}]`, `{"list":[{…}],"time":1}`.
 */
export interface ObjectSink {
  /** The bytes of one object; valid during the call. */
  object(bytes: Buffer): void
  /** An object was longer than allowed and is passed over. */
  long(bytes: number): void
}

const QUOTE = 0x22
const BACKSLASH = 0x5c
const OPEN_OBJECT = 0x7b
const CLOSE_OBJECT = 0x7d
const OPEN_LIST = 0x5b
const CLOSE_LIST = 0x5d
/** Deeper than Kismet's records ever are. */
const DEEPEST = 512

export class ObjectSplitter {
  readonly #longest: number
  readonly #sink: ObjectSink
  #text = false
  #escaped = false
  readonly #open: number[] = []
  /** Depth at which the object that is being taken began; -1 when none is. */
  #from = -1
  /** Parts of it from earlier pieces, and their length. */
  #parts: Buffer[] = []
  #length = 0

  constructor(longest: number, sink: ObjectSink) {
    this.#longest = longest
    this.#sink = sink
  }

  /** @throws SyntaxError when it cannot be JSON */
  push(piece: Buffer): void {
    let start = this.#from >= 0 ? 0 : -1
    const open = this.#open
    for (let i = 0; i < piece.length; i++) {
      const byte = piece[i]
      if (this.#text) {
        if (this.#escaped) this.#escaped = false
        else if (byte === BACKSLASH) this.#escaped = true
        else if (byte === QUOTE) this.#text = false
        continue
      }
      if (byte === QUOTE) this.#text = true
      else if (byte === OPEN_OBJECT || byte === OPEN_LIST) {
        if (byte === OPEN_OBJECT && this.#from < 0 && open[open.length - 1] === OPEN_LIST) {
          this.#from = open.length
          start = i
        }
        if (open.push(byte) > DEEPEST) throw new SyntaxError('nested too deeply')
      } else if (byte === CLOSE_OBJECT || byte === CLOSE_LIST) {
        if (open.pop() !== (byte === CLOSE_OBJECT ? OPEN_OBJECT : OPEN_LIST)) throw new SyntaxError('brackets do not match')
        if (open.length === this.#from) {
          this.#take(piece.subarray(start, i + 1))
          this.#from = -1
          start = -1
        }
      }
    }
    if (start >= 0) this.#keep(piece.subarray(start))
  }

  /** Whether the text so far is whole. */
  get whole(): boolean {
    return this.#open.length === 0 && !this.#text
  }

  #keep(part: Buffer): void {
    this.#length += part.length
    if (this.#length > this.#longest) this.#parts = []
    // The piece may be reused by whoever read it.
    else this.#parts.push(Buffer.from(part))
  }

  #take(last: Buffer): void {
    const length = this.#length + last.length
    if (length > this.#longest) this.#sink.long(length)
    else this.#sink.object(this.#parts.length === 0 ? last : Buffer.concat([...this.#parts, last]))
    this.#parts = []
    this.#length = 0
  }
}
