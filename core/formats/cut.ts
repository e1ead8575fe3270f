/**
 * Finds where records begin and end in a capture, without decoding them and without allocating.
 *
 * Used where bytes are read; it costs about 10 ns a record. Bytes are given in order, each call beginning where the last one
 * ended; the format is found in the first bytes.
 *
 * Invariants
 * - `blocks` and `frames` describe the capture up to `end` of the last call: `encodeContext(cutter)`, taken before a call, is
 *   the context of the batch that the call finds.
 * - Where records are cut depends on the bytes only, not on how they come in.
 */
import { copyOf, u32 } from './bytes.ts'
import { emptyRecord, isPcapMagic, PCAP_HEADER_BYTES, type PcapHeader, readPcapHeader } from './pcap.ts'
import {
  INTERFACE_DESCRIPTION,
  INTERFACE_STATISTICS,
  isNumberedBlock,
  isPacketBlock,
  plausibleHead,
  possibleLength,
  SECTION_HEADER,
  sectionOrder,
  slimInterface,
  slimSection,
} from './pcapng.ts'

/**
 * Why a call went no further.
 * - `limit`: as many records as were asked for
 * - `more`: the next record is not whole; it takes `need` bytes, as far as one can tell yet
 * - `long`: the next record or block takes `need` bytes, more than allowed; `skip` says that it is passed over
 * - `corrupt`: what follows cannot be a record, `reason` says why
 * - `foreign`: not a capture at all
 */
export type Stop = 'limit' | 'more' | 'long' | 'corrupt' | 'foreign'

export interface CutOptions {
  /** Records longer than this stop with `long`, header included. */
  readonly maxRecord: number
  /** Whether interface statistics of pcapng count as records. */
  readonly statistics: boolean
}

const NOTHING = new Uint8Array(0)
/** `SQLi`, as users may try it with Kismet's logs. */
const SQLITE = 0x53514c69
/** Descriptions of more interfaces than fit in here are left out, and their packets rejected. */
const MOST_BLOCK_BYTES = 64 * 1024

export class CaptureCutter {
  /** Packets up to here. */
  frames = 0
  /** The file header, or the section header and interfaces so far, as a capture of their own. */
  blocks: Uint8Array = NOTHING
  /** Results of the last call. */
  end = 0
  records = 0
  /** Place of the last record, or -1. */
  last = -1
  stop: Stop = 'more'
  need = 4
  reason = ''

  readonly #maxRecord: number
  readonly #statistics: boolean
  #header: PcapHeader | undefined
  #section = false
  #bigEndian = false

  constructor(options: CutOptions) {
    this.#maxRecord = options.maxRecord
    this.#statistics = options.statistics
  }

  /** Goes on where another cutter was: with its `blocks` and `frames`. */
  restore(blocks: Uint8Array, frames: number): void {
    this.#header = undefined
    this.#section = false
    this.blocks = NOTHING
    this.cut(blocks, 0, blocks.length, 1)
    this.frames = frames
  }

  /** The classic header; undefined for pcapng, or before it is read. */
  get header(): PcapHeader | undefined {
    return this.#header
  }

  /** Byte order of the section that `end` lies in. */
  get bigEndian(): boolean {
    return this.#bigEndian
  }

  /** Finds at most `most` whole records in data[from … to). */
  cut(data: Uint8Array, from: number, to: number, most: number): void {
    this.records = 0
    this.last = -1
    this.end = from
    if (!this.#header && !this.#section && !this.#begin(data, from, to)) return
    if (this.#section) this.#cutBlocks(data, to, most)
    else this.#cutRecords(data, to, most)
  }

  /** Passes over the record or block that stopped the last call with `long`, whose first bytes are data[at …). Returns whether it was a packet. */
  skip(data: Uint8Array, at: number, have: number): boolean {
    if (this.#section) {
      const type = u32(data, at, this.#bigEndian)
      // Of a monstrous description only the fixed part counts.
      if (type === SECTION_HEADER && have >= 24) this.#beginSection(data, at)
      else if (type === INTERFACE_DESCRIPTION && have >= 16) this.#addInterface(slimInterface(data, at, 20, this.#bigEndian))
      if (isNumberedBlock(type)) this.frames++
      return isPacketBlock(type)
    }
    this.frames++
    return true
  }

  #begin(data: Uint8Array, at: number, to: number): boolean {
    if (to - at < 4) return this.#stopped('more', 4)
    if (isPcapMagic(data, at)) {
      if (to - at < PCAP_HEADER_BYTES) return this.#stopped('more', PCAP_HEADER_BYTES)
      this.#beginFile(data, at)
      this.end = at + PCAP_HEADER_BYTES
      return true
    }
    const magic = u32(data, at, true)
    if (magic === SQLITE) return this.#stopped('foreign', 0, 'is an SQLite database; logs of Kismet are read by the input kismet, with log')
    if (magic !== SECTION_HEADER) return this.#stopped('foreign', 0, 'begins neither as pcap nor as pcapng')
    if (to - at < 12) return this.#stopped('more', 12)
    if (sectionOrder(data, at) === undefined) return this.#stopped('foreign', 0, 'its byte order mark is none')
    this.#section = true
    return true
  }

  #beginFile(data: Uint8Array, at: number): void {
    this.#header = readPcapHeader(data, at, at + PCAP_HEADER_BYTES)
    this.blocks = copyOf(data, at, at + PCAP_HEADER_BYTES)
  }

  #beginSection(data: Uint8Array, at: number): void {
    this.#bigEndian = sectionOrder(data, at) ?? false
    this.blocks = slimSection(data, at)
  }

  #addInterface(block: Uint8Array): void {
    if (this.blocks.length + block.length > MOST_BLOCK_BYTES) return
    const blocks = new Uint8Array(this.blocks.length + block.length)
    blocks.set(this.blocks)
    blocks.set(block, this.blocks.length)
    this.blocks = blocks
  }

  #stopped(stop: Stop, need: number, reason = ''): false {
    this.stop = stop
    this.need = need
    this.reason = reason
    return false
  }

  #cutRecords(data: Uint8Array, to: number, most: number): void {
    let header = this.#header
    let at = this.end
    let records = 0
    while (header) {
      if (records === most) {
        this.#stopped('limit', 0)
        break
      }
      const body = at + header.recordHeader
      if (body > to) {
        this.#stopped('more', header.recordHeader)
        break
      }
      const length = u32(data, at + 8, header.bigEndian)
      if (length > header.longest) {
        this.#stopped('corrupt', 0, `a record of ${length} bytes cannot be`)
        break
      }
      const next = body + length
      if (next - at > this.#maxRecord) {
        this.#stopped('long', next - at)
        break
      }
      if (length === 0) {
        const kind = emptyRecord(data, at, to)
        if (kind === 'zeros') {
          this.#stopped('corrupt', 0, 'zeros in place of a record')
          break
        }
        if (kind === 'header') {
          if (at + PCAP_HEADER_BYTES > to) {
            this.#stopped('more', PCAP_HEADER_BYTES)
            break
          }
          this.#beginFile(data, at)
          header = this.#header
          at += PCAP_HEADER_BYTES
          continue
        }
      }
      if (next > to) {
        this.#stopped('more', next - at)
        break
      }
      this.last = at
      at = next
      records++
    }
    this.end = at
    this.records = records
    this.frames += records
  }

  #cutBlocks(data: Uint8Array, to: number, most: number): void {
    let at = this.end
    let records = 0
    let bigEndian = this.#bigEndian
    for (;;) {
      if (records === most) {
        this.#stopped('limit', 0)
        break
      }
      if (at + 12 > to) {
        this.#stopped('more', 12)
        break
      }
      const type = u32(data, at, bigEndian)
      if (type === SECTION_HEADER) {
        const order = sectionOrder(data, at)
        if (order === undefined) {
          this.#stopped('corrupt', 0, 'a section without byte order')
          break
        }
        bigEndian = order
      }
      const length = u32(data, at + 4, bigEndian)
      if (!possibleLength(length) || (type === SECTION_HEADER && length < 28)) {
        this.#stopped('corrupt', 0, `a block of ${length} bytes cannot be`)
        break
      }
      const next = at + length
      if ((next > to || length > this.#maxRecord) && !plausibleHead(data, at, to - at, type, length, bigEndian)) {
        this.#stopped('corrupt', 0, `a block of type ${type} and ${length} bytes cannot be`)
        break
      }
      if (length > this.#maxRecord) {
        this.#stopped('long', length)
        break
      }
      if (next > to) {
        this.#stopped('more', length)
        break
      }
      if (u32(data, next - 4, bigEndian) !== length) {
        this.#stopped('corrupt', 0, 'the two lengths of a block differ')
        break
      }
      if (isNumberedBlock(type)) this.frames++
      if (isPacketBlock(type)) {
        records++
        this.last = at
      } else if (type === INTERFACE_STATISTICS) {
        if (this.#statistics) {
          records++
          this.last = at
        }
      } else if (type === SECTION_HEADER) {
        this.#beginSection(data, at)
      } else if (type === INTERFACE_DESCRIPTION && length >= 20) {
        this.#addInterface(slimInterface(data, at, length, bigEndian))
      }
      at = next
    }
    this.end = at
    this.records = records
    if (this.stop === 'corrupt') this.#beginDamaged(data, at, to)
  }

  /** A damaged section header still tells the byte order of what stands behind it, and decoders must know the same. */
  #beginDamaged(data: Uint8Array, at: number, to: number): void {
    if (at + 28 <= to && u32(data, at, false) === SECTION_HEADER && sectionOrder(data, at) !== undefined) this.#beginSection(data, at)
  }
}
