/**
 * The handshake of servers with security: HELO, PING, PONG. Both sides prove that they know the shared key; only TLS encrypts.
 *
 * Nonces are raw bytes, in `bin` or in `str`. Ours are printable and sent as `str`, since Fluent Bit takes no other.
 */
import { timingSafeEqual } from 'node:crypto'
import { ByteWriter } from '../../../core/event/writer.ts'
import { forwardDigest as digest, putStr } from '../../../core/formats/forward.ts'
import { isMap, type Packed, packedText } from '../../../core/formats/msgpack.ts'

export interface Credentials {
  readonly shared_key: string
  readonly username?: string
  readonly password?: string
}

export interface Identity {
  /** Our own name; must not be a server's, which could otherwise send our own digest back to us. */
  readonly hostname: string
  /** Random, printable. */
  readonly salt: string
}

export interface Helo {
  readonly nonce: Uint8Array
  /** Salt of the password; empty where the server has no users. */
  readonly auth: Uint8Array
  readonly keepalive: boolean
}

/** Longest reason of a server that is repeated. */
const MOST_REASON = 200
const NO_BYTES = new Uint8Array(0)

/** @throws Error when it is no HELO */
export function readHelo(message: Packed): Helo {
  const [name, options] = Array.isArray(message) ? message : []
  if (packedText(name) !== 'HELO' || !isMap(options))
    throw new Error('the server does not begin with HELO: it has no shared key, or is no forward server')
  const bytes = (key: string) => {
    const value = options.get(key)
    return value instanceof Uint8Array ? value : NO_BYTES
  }
  return { nonce: bytes('nonce'), auth: bytes('auth'), keepalive: options.get('keepalive') !== false }
}

/** The PING, to be written at once: Fluent Bit wants it in one read. */
export function pingOf({ nonce, auth }: Helo, { shared_key, username = '', password = '' }: Credentials, { hostname, salt }: Identity): Uint8Array {
  const out = new ByteWriter(undefined, 1024)
  out.byte(0x96)
  putStr(out, 'PING')
  putStr(out, hostname)
  putStr(out, salt)
  putStr(out, digest(salt, hostname, nonce, shared_key))
  putStr(out, username)
  putStr(out, username === '' || auth.length === 0 ? '' : digest(auth, username, password))
  return out.written()
}

/** @throws Error when the server refuses us, or does not know the key itself */
export function checkPong(message: Packed, { nonce }: Helo, { shared_key }: Credentials, { hostname, salt }: Identity): void {
  const [name, ok, reason, server, proof] = Array.isArray(message) ? message : []
  if (packedText(name) !== 'PONG') throw new Error('the server does not answer PING with PONG')
  if (ok !== true) throw new Error(`the server refuses the handshake: ${packedText(reason).slice(0, MOST_REASON) || 'no reason given'}`)
  if (!(server instanceof Uint8Array) || packedText(server) === hostname)
    throw new Error('the server answers under our own name: it may only repeat what we say')
  const expected = Buffer.from(digest(salt, server, nonce, shared_key))
  if (!(proof instanceof Uint8Array) || proof.length !== expected.length || !timingSafeEqual(proof, expected))
    throw new Error('the server does not know the shared key')
}
