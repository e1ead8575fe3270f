/**
 * Where the fields of a radiotap header lie: it follows from the present words alone, save behind vendor namespaces, whose length is in the header.
 * A device sends the same few sets of present words all the time, so layouts are kept.
 */
import { LAYOUT_HEAD } from '../../../core/event/machine/numbers.ts'
import { u16, u32 } from './bytes.ts'

/** Sizes and alignments of the fields with bits 0 to 27 in the standard namespace. */
const SIZE = [8, 1, 1, 4, 2, 1, 1, 2, 2, 2, 1, 1, 1, 1, 2, 2, 1, 1, 8, 3, 8, 12, 12, 12, 12, 6, 1, 4]
const ALIGN = [8, 1, 1, 2, 2, 1, 1, 2, 2, 2, 1, 1, 1, 1, 2, 2, 1, 1, 4, 1, 4, 2, 8, 2, 2, 2, 1, 2]

const RX_FLAGS = 14
const AMPDU = 20
const TIMESTAMP = 22
/** Bits of fields that differ from frame to frame. */
const VARYING = [0, 5, 6, 7, 12, 13, AMPDU, TIMESTAMP].reduce((bits, bit) => bits | (1 << bit), 0)
/** Offset and size of what varies in them, where that is not all: the flags of an A-MPDU and of the time stamp tell which of their values are there. */
const VARYING_PARTS: Readonly<Record<number, readonly (readonly [number, number])[]>> = {
  [AMPDU]: [
    [0, 4],
    [6, 2],
  ],
  [TIMESTAMP]: [[0, 10]],
}

/** Bytes that tell one way of sending from another, as bit and byte of its field: flags, rate, channel, antenna, HT, A-MPDU, VHT and HE. */
const TELLING = [
  [1, 0],
  [2, 0],
  [3, 0],
  [3, 1],
  [11, 0],
  [19, 1],
  [19, 2],
  [AMPDU, 4],
  [21, 2],
  [21, 3],
  [21, 4],
  [23, 4],
  [23, 5],
  [23, 8],
] as const

const FLAGS = 1
export const TLVS = 28
const RADIOTAP_NAMESPACE = 29
export const VENDOR_NAMESPACE = 30
const EXTENDED = 31
const VENDOR_HEADER = 6

/** Bytes that the first field of a bit needs; TLVs check themselves. */
export const FIRST_BYTES = [...SIZE, 0, 0, VENDOR_HEADER]

/** More present words than any device sends; further ones are not read. */
export const MAX_WORDS = 32
/** Present words begin here. */
export const WORDS_AT = 4
/** Present words of layouts that are kept: those that the machine looks at, of the whole and of six antennas. */
export const KEPT_WORDS = (LAYOUT_HEAD - WORDS_AT) / 4
const CACHE_BITS = 10

/** Offsets of what is measured of each frame, from the header's first byte; -1 and empty where it is absent. */
export interface ReadingLayout {
  readonly mactime: number
  readonly quality: number
  readonly ampdu: number
  readonly timestamp: number
  /** Old drivers have the FCS there, which other decoders than theirs take for flags. */
  readonly rxFlags: number
  readonly signals: readonly number[]
  readonly noises: readonly number[]
  readonly dbSignals: readonly number[]
  readonly dbNoises: readonly number[]
}

export interface Layout {
  /** The present words, those of the standard namespace and others. */
  readonly words: readonly number[]
  readonly reading: ReadingLayout
  /** Other fields of the standard namespace, in their order: bit and offset. */
  readonly steady: { readonly bits: readonly number[]; readonly offsets: readonly number[] }
  /** What differs from frame to frame, the reading and the time stamp of bit 22: pairs of offset and size, ascending. */
  readonly varying: readonly (readonly [offset: number, size: number])[]
  /** Offsets of bytes that differ between frames sent in different ways: rate, channel and the like. */
  readonly telling: readonly number[]
  /** Offset of the first field of each bit, -1 when absent. */
  readonly first: readonly number[]
  /** Offset of the flags, -1 when absent. */
  readonly flags: number
  /** Least length of a header that has all of it. */
  readonly need: number
}

const cache: (Layout | undefined)[] = new Array(1 << CACHE_BITS).fill(undefined)

/** The layout of the header in bytes[start … end), which is at least 8 bytes. */
export function layoutOf(bytes: Uint8Array, start: number, end: number): Layout {
  const first = u32(bytes, start + 4)
  // Headers whose first words are the same mostly differ in their length.
  const slot = Math.imul(first ^ (end - start), 0x9e3779b1) >>> (32 - CACHE_BITS)
  const known = cache[slot]
  if (known !== undefined && known.need <= end - start && sameWords(known.words, bytes, start, end)) return known
  const layout = makeLayout(bytes, start, end)
  if (layout.words.length <= KEPT_WORDS && layout.first[VENDOR_NAMESPACE] < 0 && layout.need <= end - start) cache[slot] = layout
  return layout
}

/** A word tells whether another one follows, so equal words mean equally many. */
function sameWords(words: readonly number[], bytes: Uint8Array, start: number, end: number): boolean {
  const count = words.length
  if (start + WORDS_AT + 4 * count > end) return false
  for (let i = 0; i < count; i++) if (u32(bytes, start + WORDS_AT + 4 * i) !== words[i]) return false
  return true
}

function makeLayout(bytes: Uint8Array, start: number, end: number): Layout {
  const words: number[] = []
  do words.push(u32(bytes, start + WORDS_AT + 4 * words.length))
  while (words[words.length - 1] >>> EXTENDED && words.length < MAX_WORDS && start + 8 + 4 * words.length <= end)
  const first: number[] = new Array(31).fill(-1)
  const steady = { bits: [] as number[], offsets: [] as number[] }
  const varying: [number, number][] = []
  /** Offsets by bit. */
  const all: number[][] = Array.from({ length: TLVS }, () => [])
  let at = WORDS_AT + 4 * words.length
  let standard = true
  // The standard namespace begins anew behind bit 29; a word that goes on without it holds bits that nobody has defined.
  let continued = false
  for (const word of words) {
    const fields = word & 0x1fffffff
    if (standard) {
      if (continued && fields !== 0) break
      for (let bit = 0; bit < TLVS; bit++) {
        if ((fields & (1 << bit)) === 0) continue
        at = (at + ALIGN[bit] - 1) & -ALIGN[bit]
        // Fields past the end of the header are not there, whatever its words say.
        if (start + at + SIZE[bit] <= end) {
          all[bit].push(at)
          if (bit === RX_FLAGS) varying.push([at, SIZE[bit]])
          if (VARYING & (1 << bit)) for (const [from, size] of VARYING_PARTS[bit] ?? [[0, SIZE[bit]]]) varying.push([at + from, size])
          else {
            steady.bits.push(bit)
            steady.offsets.push(at)
          }
        }
        if (first[bit] < 0) first[bit] = at
        at += SIZE[bit]
      }
      if (fields & (1 << TLVS)) {
        first[TLVS] = (at + 3) & -4
        break
      }
    }
    continued = false
    if (word & (1 << VENDOR_NAMESPACE)) {
      at = (at + 1) & -2
      if (first[VENDOR_NAMESPACE] < 0) first[VENDOR_NAMESPACE] = at
      at += VENDOR_HEADER
      if (start + at > end) break
      at += u16(bytes, start + at - 2)
      standard = false
    } else if (word & (1 << RADIOTAP_NAMESPACE)) standard = true
    else continued = true
  }
  const telling = TELLING.filter(([bit]) => first[bit] >= 0).map(([bit, byte]) => first[bit] + byte)
  const one = (bit: number) => all[bit][0] ?? -1
  const reading = {
    mactime: one(0),
    quality: one(7),
    ampdu: one(AMPDU),
    timestamp: one(TIMESTAMP),
    rxFlags: all[RX_FLAGS].at(-1) ?? -1,
    signals: all[5],
    noises: all[6],
    dbSignals: all[12],
    dbNoises: all[13],
  }
  return { words, reading, steady, varying, telling, first, flags: first[FLAGS], need: at }
}
