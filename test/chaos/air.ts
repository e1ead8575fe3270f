/** Three captures that grow and rotate by renaming, as tcpdump and logrotate do; every record is a beacon whose SSID is its number. */
import { closeSync, openSync, renameSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { pcapHeader, pcapRecord } from '../../core/formats/pcap-write.ts'

/** LINKTYPE_IEEE802_11 */
const BARE = 105
const ROTATE_BYTES = 60_000

/** A beacon with an SSID and nothing else. */
function beacon(ssid: string): Uint8Array {
  const name = Buffer.from(ssid)
  const frame = Buffer.alloc(36 + 2 + name.length)
  frame[0] = 0x80
  frame.fill(0xff, 4, 10)
  frame.set([2, 0, 0, 0, 0, 1], 10)
  frame.set([2, 0, 0, 0, 0, 1], 16)
  frame[37] = name.length
  frame[36] = 0
  frame.set(name, 38)
  return frame
}

interface Series {
  readonly name: string
  file: number
  size: number
  turn: number
  /** Bytes of a cut record that are still to come. */
  rest: Uint8Array
}

export class Air {
  readonly #folder: string
  readonly #random: () => number
  readonly #series: Series[] = []
  /** Records begun; all are whole after `finish`. */
  written = 0

  constructor(folder: string, random: () => number) {
    this.#folder = folder
    this.#random = random
    for (const name of ['a', 'b', 'c']) this.#series.push({ name, file: -1, size: 0, turn: 0, rest: new Uint8Array(0) })
  }

  /** Writes some records to one of the captures; the last one may be cut anywhere and is completed by the next call. */
  grow(records: number): void {
    const series = this.#series[Math.floor(this.#random() * this.#series.length)]
    if (series.file < 0) this.#begin(series)
    const pieces = [series.rest]
    for (let i = 0; i < records; i++) {
      const seconds = 1_700_000_000 + Math.floor(this.written / 1000)
      pieces.push(pcapRecord(beacon(`n${this.written}`), seconds, (this.written % 1000) * 1000))
      this.written++
    }
    const bytes = Buffer.concat(pieces)
    const cut = this.#random() < 0.5 ? bytes.length : Math.floor(this.#random() * bytes.length)
    writeSync(series.file, bytes, 0, cut)
    series.size += cut
    series.rest = bytes.subarray(cut)
    if (series.size > ROTATE_BYTES) this.#rotate(series)
  }

  finish(): void {
    for (const series of this.#series) if (series.file >= 0) this.#rotate(series)
  }

  #begin(series: Series): void {
    series.file = openSync(join(this.#folder, `${series.name}.pcap`), 'w')
    series.size = writeSync(series.file, pcapHeader(BARE))
  }

  #rotate(series: Series): void {
    writeSync(series.file, series.rest)
    series.rest = new Uint8Array(0)
    closeSync(series.file)
    series.file = -1
    renameSync(join(this.#folder, `${series.name}.pcap`), join(this.#folder, `${series.name}-${++series.turn}.pcap`))
  }
}
