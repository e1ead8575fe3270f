/** The calls of the databridge in Thrift's binary protocol, unframed: strict headers, arguments that are strings, answers with one field. */

export type Failure = 'authentication' | 'expired' | 'no_stream' | 'different' | 'malformed' | 'definition' | 'undefined_event' | 'application'

/** Exceptions by the field of the result. */
const METHODS = {
  connect: { 1: 'authentication' },
  defineStream: { 1: 'different', 2: 'malformed', 3: 'definition', 4: 'expired' },
  findStreamId: { 1: 'no_stream', 2: 'expired' },
  publish: { 1: 'undefined_event', 2: 'expired' },
} as const satisfies Record<string, Readonly<Record<number, Failure>>>

export type Method = keyof typeof METHODS

/** An exception that the receiver answered with. */
export class CallError extends Error {
  readonly failure: Failure
  constructor(failure: Failure, message: string) {
    super(message)
    this.failure = failure
  }
}

const CALL = 0x80010001
const EXCEPTION = 3
/** A message of an exception may hold two whole definitions, but no more. */
export const MOST_ANSWER = 1024 * 1024
const MOST_DEPTH = 8
/** Characters of a receiver's message that are kept. */
const MOST_MESSAGE = 500

/** @param args numbered from 1 */
export function callMessage(method: Method, args: readonly string[]): Buffer {
  const parts = [u32(CALL), text(method), u32(1)]
  args.forEach((arg, i) => {
    parts.push(Buffer.from([11, 0, i + 1]), text(arg))
  })
  return Buffer.concat([...parts, Buffer.of(0)])
}

function u32(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(value)
  return bytes
}

function text(value: string): Buffer {
  const bytes = Buffer.from(value)
  return Buffer.concat([u32(bytes.length), bytes])
}

type Value = string | number | Struct
type Struct = Map<number, Value>

class Short extends Error {}

/** Reads values; throws `Short` where more bytes are needed. */
class Reader {
  #at = 0
  readonly #bytes: Buffer
  constructor(bytes: Buffer) {
    this.#bytes = bytes
  }

  take(length: number): Buffer {
    if (length < 0 || length > MOST_ANSWER) throw new Error('the answer is not Thrift')
    if (this.#at + length > this.#bytes.length) throw new Short()
    this.#at += length
    return this.#bytes.subarray(this.#at - length, this.#at)
  }

  i32(): number {
    return this.take(4).readInt32BE()
  }

  string(): string {
    return this.take(this.i32()).toString()
  }

  struct(depth = 0): Struct {
    if (depth > MOST_DEPTH) throw new Error('the answer is nested too deeply')
    const fields: Struct = new Map()
    for (;;) {
      const type = this.take(1)[0]
      if (type === 0) return fields
      fields.set(this.take(2).readInt16BE(), this.#value(type, depth))
    }
  }

  #value(type: number, depth: number): Value {
    switch (type) {
      case 2:
        return this.take(1)[0]
      case 8:
        return this.i32()
      case 11:
        return this.string()
      case 12:
        return this.struct(depth + 1)
      default:
        throw new Error(`the answer has a field of type ${type}`)
    }
  }
}

/**
 * What a method returned; '' for void.
 * @param bytes of the answer so far
 * @returns undefined when more bytes are needed
 * @throws CallError for an exception of the receiver, Error for what is no answer to this method
 */
export function readAnswer(method: Method, bytes: Buffer): string | undefined {
  const reader = new Reader(bytes)
  let head: { type: number; name: string; fields: Struct }
  try {
    const version = reader.i32() >>> 0
    if (version >>> 16 !== 0x8001) throw new Error('the answer is not Thrift')
    const name = reader.string()
    reader.i32()
    head = { type: version & 255, name, fields: reader.struct() }
  } catch (error) {
    if (error instanceof Short) return undefined
    throw error
  }
  const { type, name, fields } = head
  if (name !== method) throw new Error(`the answer is to ${name.slice(0, 40)}, not to ${method}`)
  if (type === EXCEPTION) throw new CallError('application', messageOf(fields))
  for (const [field, failure] of Object.entries<Failure>(METHODS[method])) {
    const exception = fields.get(Number(field))
    if (exception instanceof Map) throw new CallError(failure, messageOf(exception))
  }
  const result = fields.get(0)
  if (method !== 'publish' && typeof result !== 'string') throw new Error(`the answer to ${method} is empty`)
  return typeof result === 'string' ? result : ''
}

function messageOf(fields: Struct): string {
  return String(fields.get(1) ?? 'no reason given')
    .trim()
    .slice(0, MOST_MESSAGE)
}
