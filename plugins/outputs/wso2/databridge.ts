/** The calls of the databridge: the client that Thrift generates, on a socket, and what its exceptions mean. */
import { createRequire } from 'node:module'
import type { Socket } from 'node:net'
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

/** Makes the whole call of `publish`. */
export type PublishMessage = (sequence: number) => Buffer

export interface Databridge {
  connect(username: string, password: string): Promise<string>
  disconnect(session: string): Promise<void>
  findStreamId(session: string, name: string, version: string): Promise<string>
  defineStream(session: string, definition: string): Promise<string>
  publish(message: PublishMessage): Promise<void>
}

/** Without a version it is no answer, and would be waited for. */
class Strict extends thrift.TBinaryProtocol {
  constructor(transport: unknown) {
    super(transport, true, true)
  }
}

/**
 * @param socket is connected
 * @param failed is told of what is no answer
 */
export function databridge(socket: Socket, failed: (error: Error) => void): Databridge {
  const connection = new thrift.Connection(socket, { protocol: Strict })
  // It would wait for an event that has been.
  connection.connected = true
  connection.on('error', failed)
  const client = thrift.createClient(Client, connection)
  // Bundles are whole calls already.
  client.send_publish = (message) => void socket.write(message(client.seqid()))
  return client
}

const exceptions = types as unknown as Readonly<Record<`Thrift${string}Exception`, new () => Error>>
const FAILURES = {
  authentication: exceptions.ThriftAuthenticationException,
  expired: exceptions.ThriftSessionExpiredException,
  no_stream: exceptions.ThriftNoStreamDefinitionExistException,
  different: exceptions.ThriftDifferentStreamDefinitionAlreadyDefinedException,
  malformed: exceptions.ThriftMalformedStreamDefinitionException,
  definition: exceptions.ThriftStreamDefinitionException,
  undefined_event: exceptions.ThriftUndefinedEventTypeException,
  application: thrift.Thrift.TApplicationException,
} as const

export type Failure = keyof typeof FAILURES

/** An exception that the receiver answered with; the connection is as good as before. */
export class CallError extends Error {
  readonly failure: Failure
  constructor(failure: Failure, message: string) {
    super(message)
    this.failure = failure
  }
}

/** What a call was rejected with, in our terms. */
export function callError(thrown: unknown): Error {
  const failure = (Object.keys(FAILURES) as Failure[]).find((name) => thrown instanceof FAILURES[name])
  if (failure === undefined) return thrown instanceof Error ? thrown : new Error(String(thrown))
  return new CallError(failure, (thrown as Error).message || 'no reason given')
}
