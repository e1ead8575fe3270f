/** The binary protocol of ports 9611 and 9711: messages of a byte for the kind, four for the size and a body; answers without a size. */
import { type Bundler, CallError, type Failure, type PublishMessage, type Speak } from '../databridge.ts'

const [LOGIN, LOGOUT, PUBLISH] = [0, 1, 2]
const [OK, ERROR, LOGGED_IN] = [0, 1, 2]
const MESSAGE_HEAD = 5
const MOST_TEXT = 1024 * 1024
/** Java classes of exceptions, by the end of their names. */
const FAILURES: readonly (readonly [name: string, failure: Failure])[] = [
  ['AuthenticationException', 'authentication'],
  ['SessionTimeoutException', 'expired'],
  ['UndefinedEventTypeException', 'undefined_event'],
]

/** The message that publishes rows, which are events as they are. */
export const bundle: Bundler = (rows, ends, session, _, spare) => {
  const id = Buffer.from(session)
  const length = MESSAGE_HEAD + 4 + id.length + 4 + rows.length
  const into = spare && spare.length >= length ? spare : Buffer.allocUnsafeSlow(length)
  into[0] = PUBLISH
  let o = into.writeUInt32BE(length - MESSAGE_HEAD, 1)
  o = into.writeUInt32BE(id.length, o)
  o += id.copy(into, o)
  o = into.writeUInt32BE(ends.length, o)
  into.set(rows, o)
  return into.subarray(0, length)
}

export const speakBinary: Speak = (socket, failed) => {
  let bytes: Buffer = Buffer.alloc(0)
  let waiting: { resolve(session: string): void; reject(error: Error): void } | undefined
  socket.on('data', (data) => {
    bytes = bytes.length === 0 ? data : Buffer.concat([bytes, data])
    try {
      const answer = readAnswer(bytes)
      if (answer === undefined) return
      bytes = Buffer.alloc(0)
      if (answer instanceof Error) waiting?.reject(answer)
      else waiting?.resolve(answer)
    } catch (error) {
      failed(error as Error)
    }
  })
  const ask = (make: () => Buffer) =>
    new Promise<string>((resolve, reject) => {
      waiting = { resolve, reject }
      socket.write(make())
    })
  const none = () => Promise.reject(new Error('the binary protocol has no definitions'))
  return {
    connect: (username, password) => {
      const [user, word] = [Buffer.from(username), Buffer.from(password)]
      return ask(() => message(LOGIN, u32(user.length), u32(word.length), user, word))
    },
    disconnect: async (session) => void (await ask(() => message(LOGOUT, u32(Buffer.byteLength(session)), Buffer.from(session)))),
    publish: async (bundled: PublishMessage) => void (await ask(() => bundled(0))),
    findStreamId: none,
    defineStream: none,
  }
}

function message(kind: number, ...body: readonly Buffer[]): Buffer {
  const whole = Buffer.concat(body)
  return Buffer.concat([Buffer.of(kind), u32(whole.length), whole])
}

function u32(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(value)
  return bytes
}

/**
 * @param bytes of an answer so far
 * @returns the session, '' for a mere yes, an exception of the receiver; undefined when more bytes are needed
 * @throws Error for what is no answer
 */
function readAnswer(bytes: Buffer): string | Error | undefined {
  switch (bytes[0]) {
    case OK:
      return ''
    case LOGGED_IN:
      return text(bytes, 5, length(bytes, 1))
    case ERROR: {
      const [name, words] = [length(bytes, 1), length(bytes, 5)]
      const known = name === undefined || words === undefined ? undefined : text(bytes, 9, name + words)
      return known === undefined ? undefined : exception(text(bytes, 9, name)!, text(bytes, 9 + name!, words)!)
    }
    default:
      throw new Error(`an answer begins with ${bytes[0]}`)
  }
}

function length(bytes: Buffer, at: number): number | undefined {
  if (bytes.length < at + 4) return undefined
  const value = bytes.readUInt32BE(at)
  if (value > MOST_TEXT) throw new Error(`a text of ${value} bytes`)
  return value
}

function text(bytes: Buffer, at: number, size: number | undefined): string | undefined {
  return size === undefined || bytes.length < at + size ? undefined : bytes.toString('utf8', at, at + size)
}

function exception(name: string, words: string): Error {
  const known = FAILURES.find(([end]) => name.endsWith(`.${end}`))
  return known ? new CallError(known[1], words) : new Error(`${name.split('.').pop()}: ${words}`)
}
