/** A payload with what the core must know of its events: which tickets and routes they belong to. */
import type { Priority } from '../config/types.ts'
import type { Payload, Rejection } from '../plugin.ts'
import type { Claim, Run } from './claim.ts'

export interface Parcel extends Payload {
  readonly output: number
  readonly priority: Priority
  /** None for what an earlier run of Wherry stored: it is settled. */
  readonly runs: readonly Run[]
  /** What is owed for the whole payload; its parts share it. */
  readonly claim: Claim
  /** For each event the index of its route in `routes:`. */
  readonly routes: Uint16Array
  /** A write has failed, so the output's socket may still hold the body. */
  held?: true
}

/** The body with only these events, for bodies that have `ends`. */
export function selectByEnds(body: Uint8Array, ends: Uint32Array, events: readonly number[]): { body: Uint8Array; ends: Uint32Array } {
  const lengths = events.map((event) => ends[event] - (event === 0 ? 0 : ends[event - 1]))
  const selected = new Uint8Array(lengths.reduce((sum, length) => sum + length, 0))
  const selectedEnds = new Uint32Array(events.length)
  let at = 0
  events.forEach((event, i) => {
    selected.set(body.subarray(ends[event] - lengths[i], ends[event]), at)
    at += lengths[i]
    selectedEnds[i] = at
  })
  return { body: selected, ends: selectedEnds }
}

export type Select = (body: Uint8Array, events: readonly number[]) => Uint8Array

/**
 * A parcel of some events of another, under an id of its own.
 * @param events ascending indexes
 */
export function selectEvents(parcel: Parcel, events: readonly number[], id: string, select: Select | undefined): Parcel {
  if (parcel.ends.length === 0 && !select) throw new Error(`payload ${parcel.id} cannot be split: its output has no select`)
  const bytes = parcel.ends.length > 0 ? selectByEnds(parcel.body, parcel.ends, events) : { body: select!(parcel.body, events), ends: parcel.ends }
  const runs: Run[] = []
  let run = 0
  if (parcel.runs.length > 0)
    events.forEach((event, i) => {
      while (parcel.runs[run].end <= event) run++
      const { ticket, input } = parcel.runs[run]
      if (runs.at(-1)?.ticket === ticket) runs[runs.length - 1] = { ticket, input, end: i + 1 }
      else runs.push({ ticket, input, end: i + 1 })
    })
  return {
    ...parcel,
    ...bytes,
    id,
    count: events.length,
    records: Uint32Array.from(events, (event) => parcel.records[event]),
    routes: Uint16Array.from(events, (event) => parcel.routes[event]),
    runs,
  }
}

/** Every index that no rejection names. */
export function others(count: number, rejected: readonly Rejection[]): number[] {
  const named = new Set(rejected.map(({ event }) => event))
  return Array.from({ length: count }, (_, event) => event).filter((event) => !named.has(event))
}
