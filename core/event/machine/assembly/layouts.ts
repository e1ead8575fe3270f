/** Layouts of radiotap headers that were told (plugins/filters/ieee80211/told-layouts.ts), found by the first present word and the length of the header. */
import { LAYOUT_BYTES, LAYOUT_HEAD, LAYOUTS } from '../numbers'
import { LAYOUT } from './tables'

/** Offsets in a header. */
const LENGTH: usize = 2
const WORD: usize = 4

/** That of the header before, 0 at first: one that is empty would fit any. */
let last: usize = 0

/** That of the header at `start`, from where `LAYOUT_HEAD` bytes can be read; 0 when it was not told. */
export function layoutOf(start: usize): usize {
  if (last !== 0 && isLayout(start, last)) return last
  for (let slot = slotOf(load<u32>(start, WORD), load<u16>(start, LENGTH)); ; slot = (slot + 1) & (LAYOUTS - 1)) {
    const at = LAYOUT + slot * LAYOUT_BYTES
    if (isEmpty(at)) return 0
    if (!isLayout(start, at)) continue
    last = at
    return at
  }
}

/** Where a layout goes that is to be told. */
export function layoutPlace(word: u32, length: u32): usize {
  let slot = slotOf(word, length)
  while (!isEmpty(LAYOUT + slot * LAYOUT_BYTES)) slot = (slot + 1) & (LAYOUTS - 1)
  return LAYOUT + slot * LAYOUT_BYTES
}

function slotOf(word: u32, length: u32): usize {
  return ((((word ^ (length << 8)) * 0x9e3779b1) >>> 16) & (LAYOUTS - 1)) as usize
}

/** The length counts in all that were told. */
// @ts-expect-error: decorators are AssemblyScript's
@inline
function isEmpty(at: usize): bool {
  return load<u16>(at, LENGTH) === 0
}

// @ts-expect-error: decorators are AssemblyScript's
@inline
function isLayout(start: usize, at: usize): bool {
  const first = v128.xor(v128.and(v128.load(start), v128.load(at)), v128.load(at, LAYOUT_HEAD))
  const second = v128.xor(v128.and(v128.load(start, 16), v128.load(at, 16)), v128.load(at, LAYOUT_HEAD + 16))
  return !v128.any_true(v128.or(first, second))
}
