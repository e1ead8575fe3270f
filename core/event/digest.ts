/** A short number for what some fields of an event hold together, so that filters can remember it without keeping the values. */
import type { Event } from './event.ts'
import type { KnownField } from './fields.ts'
import { listWidth } from './values.ts'

/**
 * Makes a function that gives the same 53 bits for the same values of the fields, absent ones included. Two different ones collide once in 2^53, which is
 * rare enough to keep or drop an event by, and not for more.
 */
export function digest(fields: readonly KnownField[]): (event: Event) => number {
  const scratch = new Float64Array(1)
  const words = new Uint32Array(scratch.buffer)
  let high = 0
  let low = 0
  const mix = (word: number): void => {
    high = Math.imul(high ^ word, 0x9e3779b1)
    high ^= high >>> 15
    low = Math.imul(low ^ word ^ high, 0x85ebca77)
    low ^= low >>> 13
  }
  const number = (value: number): void => {
    // 0 and -0 are the same number.
    scratch[0] = value + 0
    mix(words[0])
    mix(words[1])
  }
  const octets = (event: Event, place: number, length: number): void => {
    const bytes = place < 0 ? event.arena : event.bytes
    const from = place < 0 ? -place - 1 : place
    mix(length)
    for (let at = from; at < from + length; at++) mix(bytes[at])
  }
  const one = ({ type }: KnownField, event: Event, a: number, b: number): void => {
    if (type === 'text' || type === 'bytes' || type === 'ip') octets(event, a, b)
    else if (type === 'id') octets(event, a, 24)
    else {
      number(a)
      if (type === 'u64' || type === 'time' || type === 'point') number(b)
    }
  }
  return (event) => {
    high = 0x2545f491
    low = 0x1b873593
    for (const field of fields) {
      const { number: at, list, type } = field
      if (!event.present(at)) {
        mix(0xabadcafe)
        continue
      }
      mix(at)
      if (!list) {
        one(field, event, event.a[at], event.b[at])
        continue
      }
      const width = listWidth(type)
      mix(event.b[at])
      for (let i = 0; i < event.b[at]; i++) {
        const place = event.a[at] + i * width
        one(field, event, event.list[place], width === 2 ? event.list[place + 1] : 0)
      }
    }
    return (high >>> 0) * 0x200000 + (low >>> 11)
  }
}
