/**
 * The chain of elements (IEEE 802.11-2020 clause 9.4.2.1): id, length, content; behind id 255 the first byte of the content extends the id.
 *
 * The chain is walked once for each frame into an index, for frames that are known already on demand; the families of elements are decoded from the
 * index, each on demand.
 * Beyond the last whole element nothing is indexed, so that a handler never reads outside its element.
 */
import type { Event } from '../../../../core/event/event.ts'
import type { Fields, FieldTable } from '../../../../core/event/fields.ts'
import type { Place } from '../place.ts'

const MOST = 1024
const EXTENSION = 255
/** Ids of extended elements in the index: 256 + the extension. */
export const EXTENDED = 256

export interface Chain {
  count: number
  /** Places of the elements' ids. */
  readonly at: Int32Array
  /** 1 when the index holds one more element, behind `count`, of which only the part before `end` was captured. */
  partial: number
  end: number
  /** Why the chain ends before its end; '' when it does not. */
  problem: string
  /** First element of a chain that has not been walked, -1 when it has; and whether its record is cut. */
  start: number
  cut: boolean
}

export function newChain(): Chain {
  return { count: 0, at: new Int32Array(MOST + 1), partial: 0, end: 0, problem: '', start: -1, cut: false }
}

/** Leaves a chain that is known to be sound for `ensureChain`. */
export function deferChain(chain: Chain, start: number, end: number, cut: boolean): void {
  chain.start = start
  chain.cut = cut
  chain.end = end
}

/** Walks a chain that was left; for those who read the index on demand. */
export function ensureChain(chain: Chain, bytes: Uint8Array): void {
  if (chain.start >= 0) walkChain(chain, bytes, chain.start, chain.end, chain.cut)
}

/** Walks the elements in bytes[start … end) into the index. Where the record is cut, its last element may be there in part. */
export function walkChain(chain: Chain, bytes: Uint8Array, start: number, end: number, cut: boolean): void {
  const index = chain.at
  let count = 0
  let at = start
  chain.problem = ''
  chain.partial = 0
  chain.start = -1
  chain.end = end
  while (at + 2 <= end && count < MOST) {
    const next = at + 2 + bytes[at + 1]
    index[count] = at
    if (next > end) break
    count++
    at = next
  }
  chain.count = count
  if (at === end) return
  if (count === MOST) chain.problem = `more than ${MOST} elements`
  else if (at + 2 > end) chain.problem = 'one byte behind the last element'
  else {
    chain.problem = `element ${bytes[at]} of ${bytes[at + 1]} bytes, ${end - at - 2} are left`
    if (cut) chain.partial = 1
  }
}

/** Whether a walked chain has an element of this id. */
export function hasElement(chain: Chain, bytes: Uint8Array, id: number): boolean {
  for (let i = 0; i < chain.count; i++) if (bytes[chain.at[i]] === id) return true
  return false
}

/** Id of an element: its first byte, or `EXTENDED` + extension. */
export function elementId(bytes: Uint8Array, at: number): number {
  return bytes[at] === EXTENSION && bytes[at + 1] > 0 ? EXTENDED + bytes[at + 2] : bytes[at]
}

/** Reads one element; bytes[at … end) is all of its content. It may be shorter than the standard says. */
export type ElementHandler = (event: Event, at: number, end: number) => void

/** A table and what fills it: handlers by element id, called for the first element of each id, or for every one. */
export interface Family {
  readonly table: FieldTable
  /** Makes the handlers for a pipeline. `every` are called for each occurrence. */
  make(fields: Fields, place: Place): FamilyHandlers
}

export interface FamilyHandlers {
  readonly first?: Readonly<Record<number, ElementHandler>>
  readonly every?: Readonly<Record<number, ElementHandler>>
  /** Ids of which also the part that was captured says something. */
  readonly partial?: readonly number[]
  /** Called when the elements are done, with the whole index. */
  readonly done?: (event: Event, chain: Chain) => void
}

/** Makes the decoder of one family's table. */
export function familyDecoder(fields: Fields, place: Place, chain: Chain, family: Family): (event: Event) => void {
  const base = fields.base(family.table)
  const size = family.table.fields.length
  const { first = {}, every = {}, partial = [], done } = family.make(fields, place)
  const handlers: (ElementHandler | undefined)[] = new Array(512).fill(undefined)
  const repeats = new Uint8Array(512)
  for (const [id, handler] of Object.entries(first)) handlers[Number(id)] = handler
  for (const [id, handler] of Object.entries(every)) {
    handlers[Number(id)] = handler
    repeats[Number(id)] = 1
  }
  /** The event in whose turn an id was seen last; compared with `turn`, so that nothing has to be cleared. */
  const seen = new Float64Array(512)
  let turn = 0
  return (event) => {
    event.claim(base, size)
    turn++
    const { bytes } = event
    ensureChain(chain, bytes)
    const index = chain.at
    const last = chain.partial && partial.includes(bytes[index[chain.count]]) ? chain.count + 1 : chain.count
    for (let i = 0; i < last; i++) {
      const place = index[i]
      let id = bytes[place]
      const length = bytes[place + 1]
      let at = place + 2
      if (id === EXTENSION && length > 0) id = EXTENDED + bytes[at++]
      const handler = handlers[id]
      if (handler === undefined) continue
      if (repeats[id] === 0) {
        if (seen[id] === turn) continue
        seen[id] = turn
      }
      handler(event, at, Math.min(place + 2 + length, chain.end))
    }
    if (done) done(event, chain)
  }
}
