/** What both sides of the forward protocol say in the same way. */
import { createHash } from 'node:crypto'
import { packStr } from '../event/pack.ts'
import type { ByteWriter } from '../event/writer.ts'

/** A proof of the handshake: SHA-512 in hex. Nonces are raw bytes, and so are salts. */
export function forwardDigest(...parts: readonly (string | Uint8Array)[]): string {
  const hash = createHash('sha512')
  for (const part of parts) hash.update(part)
  return hash.digest('hex')
}

/** Appends text with its head. */
export function putStr(out: ByteWriter, text: string): void {
  out.reserve(8)
  out.pos = packStr(out.buf, out.pos, Buffer.byteLength(text))
  out.text(text)
}
