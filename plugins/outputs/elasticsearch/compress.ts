/**
 * Gzip of bodies by compressors that are used again: node:zlib's function makes one for each body, and what these leave lies around until a full collection, 4 MB and a fifth of the
 * CPU of compressing at 20 bodies/s.
 */
import { constants, createGzip, type Gzip as Stream, type ZlibReset } from 'node:zlib'

/** Bytes of memory that a compressor writes to at once: what comes of a megabyte of documents fits. */
const PIECE = 128 * 1024

export class Compressor {
  readonly #level: number
  /** As many as bodies were compressed at once. */
  readonly #idle: Gzip[] = []

  constructor(level: number) {
    this.#level = level
  }

  async compress(body: Uint8Array): Promise<Uint8Array> {
    const gzip = this.#idle.pop() ?? new Gzip(this.#level)
    // One that fails, as for want of memory, is not used again.
    const compressed = await gzip.compress(body)
    this.#idle.push(gzip)
    return compressed
  }

  close(): void {
    for (const gzip of this.#idle.splice(0)) gzip.close()
  }
}

class Gzip {
  readonly #stream: Stream & ZlibReset
  #pieces: Buffer[] = []
  #failed: (error: Error) => void = () => undefined

  constructor(level: number) {
    this.#stream = createGzip({ level, chunkSize: PIECE }) as Stream & ZlibReset
    this.#stream.on('data', (piece: Buffer) => this.#pieces.push(piece)).on('error', (error) => this.#failed(error))
  }

  compress(body: Uint8Array): Promise<Uint8Array> {
    return new Promise((resolve, reject) => {
      this.#failed = reject
      this.#stream.write(body)
      // The end of this body, not of the stream.
      this.#stream.flush(constants.Z_FINISH, () => {
        // It is called of what has failed, too.
        if (this.#stream.destroyed) return
        const pieces = this.#pieces
        this.#pieces = []
        this.#stream.reset()
        resolve(pieces.length === 1 ? pieces[0] : Buffer.concat(pieces))
      })
    })
  }

  close(): void {
    this.#stream.close()
  }
}
