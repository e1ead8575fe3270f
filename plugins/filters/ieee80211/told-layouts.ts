/** Radiotap layouts that the machine knows, to find a record's run (core/event/machine/assembly/layouts.ts): the first few that have runs, with the length of their header. */
import { machine } from '../../../core/event/machine/machine.ts'
import { LAYOUT_BYTES, LAYOUT_HEAD, LAYOUT_TELLING, LAYOUTS } from '../../../core/event/machine/numbers.ts'
import { KEPT_WORDS, type Layout, VENDOR_NAMESPACE, WORDS_AT } from './radiotap-layout.ts'

const LENGTH_AT = 2
/** Offsets are bytes. */
const LAST_OFFSET = 255

/** Lengths of headers that were told, by layout, in this thread. */
const told = new Map<Layout, number[]>()
let count = 0

/** @param length of the header */
export function tellLayout(layout: Layout, length: number): void {
  const { code, u8, view } = machine()
  const { words, telling, first } = layout
  const lengths = told.get(layout) ?? []
  if (code === undefined || count === LAYOUTS / 2 || lengths.includes(length)) return
  // Behind a vendor's namespace places do not follow from the words.
  if (words.length > KEPT_WORDS || first[VENDOR_NAMESPACE] >= 0 || telling.some((at) => at > LAST_OFFSET)) return
  told.set(layout, [...lengths, length])
  count++
  const place = code.layoutPlace(words[0], length)
  u8.fill(0, place, place + LAYOUT_BYTES)
  view.setUint16(place + LENGTH_AT, 0xffff, true)
  view.setUint16(place + LAYOUT_HEAD + LENGTH_AT, length, true)
  words.forEach((word, i) => {
    view.setUint32(place + WORDS_AT + i * 4, 0xffffffff, true)
    view.setUint32(place + LAYOUT_HEAD + WORDS_AT + i * 4, word, true)
  })
  view.setUint32(place + LAYOUT_TELLING, telling.length, true)
  u8.set(telling, place + LAYOUT_TELLING + 4)
}
