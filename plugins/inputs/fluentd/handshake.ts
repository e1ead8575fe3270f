/**
 * The server's half of the handshake: HELO, PING, PONG. Both sides prove that they know the shared key; only TLS encrypts.
 *
 * Nonces go out as `bin`, as Fluentd's do. Salts of clients are raw bytes, whatever they are said to be.
 */
import { timingSafeEqual } from 'node:crypto'
import { forwardDigest } from '../../../core/formats/forward.ts'
import { type Packed, packedText, readPacked } from '../../../core/formats/msgpack.ts'
import { encodePong } from './answers.ts'

export interface Security {
  readonly shared_key: string
  /** Passwords by name; without them no user is asked for. */
  readonly users: Readonly<Record<string, string>> | undefined
  /** Our own name. Clients refuse a server under theirs. */
  readonly hostname: string
}

export interface Nonces {
  /** 16 random bytes. */
  readonly nonce: Uint8Array
  /** 16 random bytes where a user is asked for, else empty. */
  readonly auth: Uint8Array
}

/** What to answer a PING; `refused` says why the connection ends with it. */
export interface Answer {
  readonly pong: Uint8Array
  readonly refused: string | undefined
}

/** @throws Error when it is no PING: then there is nothing to answer */
export function answerPing(bytes: Uint8Array, { nonce, auth }: Nonces, { shared_key, users, hostname }: Security): Answer {
  const parts = readPacked(bytes)?.value
  if (!Array.isArray(parts) || packedText(parts[0]) !== 'PING' || parts.length !== 6) throw new Error('it does not answer HELO with PING')
  const [, client, salt, digest, user, password] = parts as Packed[]
  const refuse = (refused: string): Answer => ({ pong: encodePong(refused, '', ''), refused })
  const raw = (value: Packed) => (value instanceof Uint8Array ? value : new Uint8Array(0))
  if (!proves(digest, forwardDigest(raw(salt), raw(client), nonce, shared_key))) return refuse('shared_key mismatch')
  if (users !== undefined) {
    const name = packedText(user)
    const known = Object.hasOwn(users, name)
    // A digest is made for unknown users too, so that time tells nothing.
    const right = proves(password, forwardDigest(auth, name, known ? users[name] : ''))
    if (!known || !right) return refuse('username/password mismatch')
  }
  return { pong: encodePong('', hostname, forwardDigest(raw(salt), hostname, nonce, shared_key)), refused: undefined }
}

function proves(said: Packed, expected: string): boolean {
  const bytes = Buffer.from(expected)
  return said instanceof Uint8Array && said.length === bytes.length && timingSafeEqual(said, bytes)
}
