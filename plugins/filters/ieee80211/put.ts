/** Putting bytes, text and lists of a record into claimed tables. Numbers of fields are absolute here. */
import type { Event } from '../../../core/event/event.ts'
import { isUtf8 } from './bytes.ts'

/** Text where the bytes are well-formed UTF-8; else the field stays absent. */
export function putText(event: Event, number: number, at: number, end: number): void {
  if (isUtf8(event.bytes, at, end)) event.put(number, at, end - at)
}

/** Text without the zero bytes that some senders put before or behind it; absent when nothing else is there. */
export function putTrimmed(event: Event, number: number, start: number, end: number): void {
  const { bytes } = event
  let at = start
  let last = end
  while (at < last && bytes[at] === 0) at++
  while (last > at && bytes[last - 1] === 0) last--
  if (at < last) putText(event, number, at, last)
}

/** A list of bytes[at … end), of the record's where no others are given. */
export function putByteList(event: Event, number: number, at: number, end: number, bytes = event.bytes): void {
  if (end <= at) return
  const first = event.listEnd
  for (let i = at; i < end; i++) event.push(bytes[i])
  event.put(number, first, end - at)
}

/** A list of `count` numbers, each read from its place. */
export function putList(event: Event, number: number, count: number, read: (i: number) => number): void {
  if (count <= 0) return
  const first = event.listEnd
  for (let i = 0; i < count; i++) event.push(read(i))
  event.put(number, first, count)
}

/** A list whose values are found one by one: `add` them, then `store`. */
export function gathered(event: Event, number: number, values: readonly number[]): void {
  putList(event, number, values.length, (i) => values[i])
}

/** A list of text or bytes: pairs of place and length, the empty ones left out. */
export function putPairs(event: Event, number: number, pairs: readonly number[]): void {
  const first = event.listEnd
  for (let i = 0; i < pairs.length; i += 2) {
    if (pairs[i + 1] === 0) continue
    event.push(pairs[i])
    event.push(pairs[i + 1])
  }
  const count = (event.listEnd - first) / 2
  if (count > 0) event.put(number, first, count)
}
