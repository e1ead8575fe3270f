/** The captures that benches read: made once for each size, kept in the folder for temporary files. */
import { closeSync, existsSync, openSync, readdirSync, readSync, renameSync, statSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { capture, fileHeader } from '../plugins/inputs/generate/write.ts'
import { radiotapRecords } from './packets.ts'

/** Bytes of a load that is long enough for start-up not to matter much. */
export const MIN_BYTES = 320 * 1024 * 1024

const START_MS = 1_735_689_600_000
/** Raise it when the generator changes, so that old files are not taken for new ones. */
const EDITION = 1

export interface Load {
  readonly file: string
  readonly frames: number
  readonly bytes: number
}

/** A capture of at least so many bytes of generated traffic. */
export function generated(min_bytes: number): Load {
  const file = join(tmpdir(), `wherry-bench-${EDITION}-${min_bytes}.pcap`)
  if (!existsSync(file)) {
    const fd = openSync(`${file}.new`, 'w')
    let size = 0
    for (const { bytes } of capture({ seed: 1, networks: 40, clients: 120, rate: 0, frames: Number.MAX_SAFE_INTEGER, start_ms: START_MS })) {
      for (let at = 0; at < bytes.length; ) at += writeSync(fd, bytes, at)
      size += bytes.length
      if (size >= min_bytes) break
    }
    closeSync(fd)
    renameSync(`${file}.new`, file)
  }
  return { file, frames: countRecords(file), bytes: statSync(file).size }
}

/** The radiotap packets of a folder's captures one behind the other, again and again until there are so many bytes. */
export async function concatenated(folder: string, min_bytes: number): Promise<Load> {
  const file = join(tmpdir(), `wherry-bench-${EDITION}-${basename(folder)}-${min_bytes}.pcap`)
  if (!existsSync(file)) {
    const pieces: Uint8Array[] = []
    for (const name of readdirSync(folder).sort()) {
      if (/\.(pcap|pcapng|cap)$/.test(name)) pieces.push(await radiotapRecords(join(folder, name)))
    }
    const round = Buffer.concat(pieces)
    if (round.length === 0) throw new Error(`${folder} has no capture with radiotap headers`)
    const fd = openSync(`${file}.new`, 'w')
    let size = writeSync(fd, fileHeader())
    for (; size < min_bytes; size += round.length) for (let at = 0; at < round.length; ) at += writeSync(fd, round, at)
    closeSync(fd)
    renameSync(`${file}.new`, file)
  }
  return { file, frames: countRecords(file), bytes: statSync(file).size }
}

/** The first records of a capture, as a file of its own. */
export function head({ file }: Load, records: number): string {
  const path = `${file}.head-${records}`
  const input = openSync(file, 'r')
  const output = openSync(path, 'w')
  const bytes = Buffer.alloc(1024 * 1024)
  const length = readSync(input, bytes, 0, bytes.length, 0)
  let end = 24
  let seen = 0
  let done = 0
  let at = 0
  // Piece by piece, since the first records may be larger than one piece.
  for (let filled = length; seen < records; ) {
    while (seen < records && end + 16 <= at + filled && end + 16 + bytes.readUInt32LE(end - at + 8) <= at + filled) {
      end += 16 + bytes.readUInt32LE(end - at + 8)
      seen++
    }
    writeSync(output, bytes, done - at, end - done)
    done = at = end
    if (seen < records) filled = readSync(input, bytes, 0, bytes.length, at)
    if (filled === 0) break
  }
  closeSync(input)
  closeSync(output)
  return path
}

function countRecords(file: string): number {
  const fd = openSync(file, 'r')
  const bytes = Buffer.alloc(4 * 1024 * 1024)
  let records = 0
  let at = 24
  for (;;) {
    const filled = readSync(fd, bytes, 0, bytes.length, at)
    let end = 0
    while (end + 16 <= filled && end + 16 + bytes.readUInt32LE(end + 8) <= filled) {
      end += 16 + bytes.readUInt32LE(end + 8)
      records++
    }
    if (end === 0) break
    at += end
  }
  closeSync(fd)
  return records
}
