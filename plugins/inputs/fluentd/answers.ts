/** All that a forward server says. */
import { packArray, packBin, packMap } from '../../../core/event/pack.ts'
import { ByteWriter } from '../../../core/event/writer.ts'
import { putStr } from '../../../core/formats/forward.ts'
import type { Nonces } from './handshake.ts'

const TRUE = 0xc3
const FALSE = 0xc2

export function encodeHelo({ nonce, auth }: Nonces): Uint8Array {
  return written((out) => {
    head(out, packArray, 2)
    putStr(out, 'HELO')
    head(out, packMap, 3)
    putStr(out, 'nonce')
    bin(out, nonce)
    putStr(out, 'auth')
    if (auth.length === 0) putStr(out, '')
    else bin(out, auth)
    putStr(out, 'keepalive')
    out.byte(TRUE)
  })
}

/** @param refused why not; empty for yes */
export function encodePong(refused: string, hostname: string, proof: string): Uint8Array {
  return written((out) => {
    head(out, packArray, 5)
    putStr(out, 'PONG')
    out.byte(refused === '' ? TRUE : FALSE)
    for (const text of [refused, hostname, proof]) putStr(out, text)
  })
}

/** @param chunk its id with its head, which goes back untouched */
export function encodeAck(chunk: Uint8Array): Uint8Array {
  return written((out) => {
    head(out, packMap, 1)
    putStr(out, 'ack')
    out.bytes(chunk)
  })
}

function written(write: (out: ByteWriter) => void): Uint8Array {
  const out = new ByteWriter(undefined, 512)
  write(out)
  return out.written()
}

function head(out: ByteWriter, pack: (buf: Uint8Array, o: number, n: number) => number, n: number): void {
  out.reserve(8)
  out.pos = pack(out.buf, out.pos, n)
}

function bin(out: ByteWriter, bytes: Uint8Array): void {
  head(out, packBin, bytes.length)
  out.bytes(bytes)
}
