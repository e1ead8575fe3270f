/** What can be asked of a databridge, in whichever protocol, and what it answers. */
import type { Socket } from 'node:net'

/** Makes the whole message of a bundle. */
export type PublishMessage = (sequence: number) => Buffer

/** One socket, one call at a time. Rejects with a `CallError` for an exception of the receiver, after which the connection is as good as before. */
export interface Databridge {
  connect(username: string, password: string): Promise<string>
  disconnect(session: string): Promise<void>
  publish(message: PublishMessage): Promise<void>
  findStreamId(session: string, name: string, version: string): Promise<string>
  defineStream(session: string, definition: string): Promise<string>
}

/**
 * Speaks with the receiver at the other end.
 * @param socket is connected
 * @param failed is told of what is no answer
 */
export type Speak = (socket: Socket, failed: (error: Error) => void) => Databridge

/**
 * Makes the message that publishes rows, given their ends.
 * @param spare memory to use if it is large enough, since fresh memory costs as much as all the rest
 */
export type Bundler = (rows: Uint8Array, ends: Uint32Array, session: string, sequence: number, spare?: Buffer) => Buffer

export type Failure = 'authentication' | 'expired' | 'no_stream' | 'different' | 'malformed' | 'definition' | 'undefined_event' | 'application'

/** An exception that the receiver answered with. */
export class CallError extends Error {
  readonly failure: Failure
  constructor(failure: Failure, message: string) {
    super(message)
    this.failure = failure
  }
}
