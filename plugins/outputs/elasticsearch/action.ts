/** The action line before each document of a `_bulk` body: what is done, in which index, under which id. */
import type { Payload } from '../../../core/plugin.ts'

const UP_TO_INDEX = '{"create":{"_index":"'
const QUOTE = 0x22

/** @param index has no characters that JSON escapes, as none that a server takes has */
export function actionUpToId(index: string): string {
  return `${UP_TO_INDEX}${index}","_id":"`
}

/** The indexes that a body goes into, by its action lines. */
export function indexesOf({ body, ends }: Pick<Payload, 'body' | 'ends'>): Set<string> {
  const indexes = new Set<string>()
  // Most documents go where the one before went: its name is compared where it lies, with the quote behind it.
  let known = 0
  let length = 0
  let start = 0
  for (let i = 0; i < ends.length; i++) {
    const at = start + UP_TO_INDEX.length
    let same = 0
    while (same < length && body[at + same] === body[known + same]) same++
    if (length === 0 || same < length) {
      const end = body.indexOf(QUOTE, at)
      indexes.add(Buffer.from(body.buffer, body.byteOffset + at, end - at).toString())
      known = at
      length = end + 1 - at
    }
    start = ends[i]
  }
  return indexes
}
