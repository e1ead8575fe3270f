/** The captures that benches read: made once for each size, kept in the folder for temporary files. */
import { closeSync, existsSync, openSync, readdirSync, readSync, renameSync, statSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { PCAP_HEADER_BYTES } from '../core/formats/pcap.ts'
import { PCAP_RECORD_BYTES } from '../core/formats/pcap-write.ts'
import { capture, fileHeader } from '../plugins/inputs/generate/write.ts'
import type { BenchOptions } from './case.ts'
import { radiotapRecords } from './packets.ts'

/** Bytes of a load that is long enough for start-up not to matter much. */
const MIN_BYTES = 320 * 1024 * 1024

const PIECE_BYTES = 4 * 1024 * 1024
const START_MS = 1_735_689_600_000
/** Raise it when the generator changes, so that old files are not taken for new ones. */
const EDITION = 1

export interface Load {
  readonly file: string
  readonly frames: number
  readonly bytes: number
}

/** Records as they lie in a capture; `bytes` goes on behind the last end. */
export interface Piece {
  readonly bytes: Buffer
  readonly ends: readonly number[]
}

/** Generated traffic of at least so many bytes. */
export function generated(min_bytes = MIN_BYTES): Load {
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

/** The radiotap packets of a folder's captures one behind the other, again and again until there are enough. */
async function concatenated(folder: string): Promise<Load> {
  const file = join(tmpdir(), `wherry-bench-${EDITION}-${basename(folder)}-${MIN_BYTES}.pcap`)
  if (!existsSync(file)) {
    const packets: Uint8Array[] = []
    for (const name of readdirSync(folder).sort()) {
      if (/\.(pcap|pcapng|cap)$/.test(name)) packets.push(await radiotapRecords(join(folder, name)))
    }
    const round = Buffer.concat(packets)
    if (round.length === 0) throw new Error(`${folder} has no capture with radiotap headers`)
    const fd = openSync(`${file}.new`, 'w')
    let size = writeSync(fd, fileHeader())
    for (; size < MIN_BYTES; size += round.length) for (let at = 0; at < round.length; ) at += writeSync(fd, round, at)
    closeSync(fd)
    renameSync(`${file}.new`, file)
  }
  return { file, frames: countRecords(file), bytes: statSync(file).size }
}

/** What a case reads that can also read captures of others. */
export async function loadOf({ captures }: BenchOptions): Promise<Load> {
  return captures === undefined ? generated() : await concatenated(captures)
}

/** The first records of a capture, as a file of its own. */
export function head({ file }: Load, records: number): string {
  const path = `${file}.head-${records}`
  const output = openSync(path, 'w')
  writeSync(output, fileHeader())
  let left = records
  for (const { bytes, ends } of pieces(file)) {
    const taken = ends.slice(0, left)
    writeSync(output, bytes, 0, taken.at(-1))
    left -= taken.length
    if (left === 0) break
  }
  closeSync(output)
  return path
}

function countRecords(file: string): number {
  let records = 0
  for (const { ends } of pieces(file)) records += ends.length
  return records
}

/** Whole records of a capture, some at a time, and where each of them ends. */
export function* pieces(file: string): Generator<Piece, undefined> {
  const fd = openSync(file, 'r')
  try {
    for (let at = PCAP_HEADER_BYTES; ; ) {
      const bytes = Buffer.allocUnsafe(PIECE_BYTES)
      const filled = readSync(fd, bytes, 0, PIECE_BYTES, at)
      const ends: number[] = []
      for (let end = 0; end + PCAP_RECORD_BYTES <= filled; ends.push(end)) {
        end += PCAP_RECORD_BYTES + bytes.readUInt32LE(end + 8)
        if (end > filled) break
      }
      if (ends.length === 0) return
      yield { bytes, ends }
      at += ends.at(-1)!
    }
  } finally {
    closeSync(fd)
  }
}
