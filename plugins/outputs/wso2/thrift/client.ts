/** The databridge over Thrift: the client that Thrift generates, on a socket, and what its exceptions mean. */
import { createRequire } from 'node:module'
import type { Socket } from 'node:net'
import { CallError, type Databridge, type Failure, type PublishMessage, type Speak } from '../databridge.ts'
import * as types from './generated/databridge_types.cjs'
import { Client } from './generated/ThriftSecureEventTransmissionService.cjs'

/** What the `thrift` package is used for here. */
interface Thrift {
  readonly Connection: new (socket: Socket, options: { readonly protocol: unknown }) => NodeJS.EventEmitter & { connected: boolean }
  createClient(client: unknown, connection: unknown): Databridge & { send_publish(message: PublishMessage): void; seqid(): number }
  readonly TBinaryProtocol: new (transport: unknown, strictRead: boolean, strictWrite: boolean) => object
  readonly Thrift: { readonly TApplicationException: new () => Error }
}
const thrift = createRequire(import.meta.url)('thrift') as Thrift

/** Without a version it is no answer, and would be waited for. */
class Strict extends thrift.TBinaryProtocol {
  constructor(transport: unknown) {
    super(transport, true, true)
  }
}

export const speakThrift: Speak = (socket, failed) => {
  const connection = new thrift.Connection(socket, { protocol: Strict })
  // It would wait for an event that has been.
  connection.connected = true
  connection.on('error', failed)
  const client = thrift.createClient(Client, connection)
  // Bundles are whole calls already.
  client.send_publish = (message) => void socket.write(message(client.seqid()))
  const told = <T>(answer: Promise<T>) =>
    answer.catch((error) => {
      throw callError(error)
    })
  return {
    connect: (username, password) => told(client.connect(username, password)),
    disconnect: (session) => told(client.disconnect(session)),
    publish: (message) => told(client.publish(message)),
    findStreamId: (session, name, version) => told(client.findStreamId(session, name, version)),
    defineStream: (session, definition) => told(client.defineStream(session, definition)),
  }
}

const exceptions = types as unknown as Readonly<Record<`Thrift${string}Exception`, new () => Error>>
const FAILURES: Readonly<Record<Failure, new () => Error>> = {
  authentication: exceptions.ThriftAuthenticationException,
  expired: exceptions.ThriftSessionExpiredException,
  no_stream: exceptions.ThriftNoStreamDefinitionExistException,
  different: exceptions.ThriftDifferentStreamDefinitionAlreadyDefinedException,
  malformed: exceptions.ThriftMalformedStreamDefinitionException,
  definition: exceptions.ThriftStreamDefinitionException,
  undefined_event: exceptions.ThriftUndefinedEventTypeException,
  application: thrift.Thrift.TApplicationException,
}

/** What a call was rejected with, in our terms. */
function callError(thrown: unknown): Error {
  const failure = (Object.keys(FAILURES) as Failure[]).find((name) => thrown instanceof FAILURES[name])
  if (failure === undefined) return thrown instanceof Error ? thrown : new Error(String(thrown))
  return new CallError(failure, (thrown as Error).message || 'no reason given')
}
