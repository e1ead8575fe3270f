/** Frames of a seed as capture records: frame k is a function of the options and k. */
import { crc32 } from 'node:zlib'
import { PCAP_RECORD_BYTES } from '../../../core/formats/pcap-write.ts'
import { putU32, putU64 } from './bytes.ts'
import { TSFT } from './radiotap.ts'
import { mix, Random } from './rng.ts'
import { OF_SCENE } from './scenes.ts'
import { compose, type Options, type Score } from './score.ts'
import { FCS, type Patch, type Template } from './template.ts'

export type { Options } from './score.ts'

/** Random bytes that frames take pieces of. */
const POOL = 65_536
const LONGEST_PIECE = 2048
/** What the adapter's own timer shows as the stream begins, µs. */
const ADAPTER_TSF = 3_141_592_653
/** BSS load and traffic maps change every so many beacon intervals. */
const LOAD_INTERVALS = 16
const MAP_INTERVALS = 3

/** What frames were written. */
export interface Filled {
  readonly frames: number
  readonly bytes: number
}

export class Traffic {
  readonly #seed: number
  /** µs since 1970. */
  readonly #start: number
  readonly #score: Score
  readonly #pool: Uint8Array
  // What patches need to know of the frame being written.
  #salt = 0
  #number = 0
  #elapsed = 0

  /**
   * @param options what the traffic is made of
   * @param start_ms capture time at which the stream begins, milliseconds since 1970
   */
  constructor(options: Options, start_ms: number) {
    this.#score = compose(options)
    this.#seed = mix(options.seed, Math.floor(options.seed / 4294967296), 2)
    this.#start = start_ms * 1000
    this.#pool = new Random(options.seed + 1).bytes(POOL + LONGEST_PIECE)
  }

  /** Bytes of the records before a frame. */
  offset(frame: number): number {
    const { frames, place } = this.#score
    return Math.floor(frame / frames) * place[frames] + place[frame % frames]
  }

  /** Capture time of a frame, milliseconds since 1970. */
  time(frame: number): number {
    const { frames, duration, time } = this.#score
    return (this.#start + Math.floor(frame / frames) * duration + time[frame % frames] / 1000) / 1000
  }

  /** Writes records from a frame on, as many as fit into `into` and are not over `most` or later than `until` (ms since 1970). */
  fill(into: Uint8Array, frame: number, most: number, until = Number.POSITIVE_INFINITY): Filled {
    const { frames, templates, template } = this.#score
    let at = 0
    let k = frame
    for (const end = frame + most; k < end; k++) {
      const entry = k % frames
      const chosen = templates[template[entry]]
      if (at + chosen.bytes.length > into.length || (until < Number.POSITIVE_INFINITY && this.time(k) > until)) break
      this.#write(chosen, entry, Math.floor(k / frames), into, at)
      at += chosen.bytes.length
    }
    return { frames: k - frame, bytes: at }
  }

  #write(template: Template, entry: number, period: number, into: Uint8Array, at: number): void {
    const score = this.#score
    const { bytes, signals, patches } = template
    into.set(bytes, at)
    const ns = score.time[entry]
    this.#elapsed = period * score.duration + Math.floor(ns / 1000)
    this.#times(into, at, ns % 1000)

    this.#salt = mix(this.#seed, period, score.scene[entry])
    const level = template.signal ?? -80 + (this.#salt % 45)
    const waver = mix(this.#seed, period, ~entry)
    for (let i = 0; i < signals.length; i++) into[at + signals[i]] = level - i + ((waver >>> (4 * i)) & 3) - 1

    const counter = score.counter[entry]
    const count = score.count[entry]
    if (counter >= 0) this.#number = score.start[counter] + period * score.advance[counter] + count
    else if (counter === OF_SCENE) this.#number = ((this.#salt >>> 8) % 3000) + count
    const mpdu = at + template.mpdu
    for (let i = 0; i < patches.length; i++) this.#patch(patches[i], into, mpdu + patches[i].at)
    const end = at + bytes.length - FCS
    putU32(into, end, crc32(into.subarray(mpdu, end)))
  }

  /** The record's time, and the adapter's timer. */
  #times(into: Uint8Array, at: number, ns: number): void {
    const us = this.#start + this.#elapsed
    const seconds = Math.floor(us / 1e6)
    putU32(into, at, seconds)
    putU32(into, at + 4, (us - seconds * 1e6) * 1000 + ns)
    putU64(into, at + PCAP_RECORD_BYTES + TSFT, ADAPTER_TSF + this.#elapsed)
  }

  #patch(patch: Patch, into: Uint8Array, at: number): void {
    const number = this.#number
    switch (patch.what) {
      case 'sequence':
        putSequence(into, at, number)
        break
      case 'start_sequence':
        putSequence(into, at, number - patch.back)
        break
      case 'packet_number':
        into[at] = number
        into[at + 1] = number >>> 8
        putU32(into, at + 4, Math.floor(number / 65536))
        break
      case 'timestamp':
        putU64(into, at, patch.tsf + this.#elapsed)
        break
      case 'tim': {
        const interval = Math.floor((patch.tsf + this.#elapsed) / this.#score.interval)
        const count = patch.period - 1 - (interval % patch.period)
        const waiting = mix(this.#seed, patch.at + patch.tsf, Math.floor(interval / MAP_INTERVALS))
        into[at] = count
        // Bit 0: group traffic follows, which only a DTIM says; then one station at most has something waiting.
        into[at + 2] = count === 0 ? waiting & 1 : 0
        if ((waiting & 6) !== 0) into[at + 3 + ((waiting >>> 8) % patch.bitmap)] = 1 << ((waiting >>> 4) & 7)
        break
      }
      case 'load': {
        const spell = Math.floor(this.#elapsed / this.#score.interval / LOAD_INTERVALS)
        into[at] = mix(this.#seed, patch.ap, spell >>> 4) % 24
        into[at + 2] = 20 + (mix(this.#seed, patch.ap, spell) % 140)
        break
      }
      case 'random': {
        const from = mix(this.#salt, patch.slot, patch.own ? number : 0) % POOL
        into.set(this.#pool.subarray(from, from + patch.length), at)
        break
      }
      case 'address':
        putU32(into, at, mix(this.#salt, 7, 0))
        into[at] = (into[at] & 0xfc) | 2
        into[at + 4] = this.#salt
        into[at + 5] = this.#salt >>> 8
    }
  }
}

/** Sequence number above four bits of fragment number. */
function putSequence(into: Uint8Array, at: number, number: number): void {
  into[at] = (number & 15) << 4
  into[at + 1] = number >>> 4
}
