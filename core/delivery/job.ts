/** A batch on its way through the worker, cut into ranges where a thread died on it. */
import type { RunRequest } from '../route/result.ts'
import type { Slot } from './slot.ts'

export interface Range {
  from: number
  to: number
  /** Threads that ended while working on this range. */
  deaths: number
}

/** Threads that a range may kill before it is cut. */
const PATIENCE = 2

export interface Job {
  readonly slot: Slot
  readonly request: Omit<RunRequest, 'from' | 'to' | 'flush' | 'memory' | 'progress'>
  /** Ranges still to run, in order; never overlapping. */
  readonly ranges: Range[]
}

/**
 * Notes that a thread died on the first range. After the second time the range is cut around the record it was working on; a single record
 * that kills again is the poison.
 * @returns true when the first range is one record that no thread survives
 */
export function noteDeath(ranges: Range[], suspect: number): boolean {
  const range = ranges[0]
  range.deaths++
  if (range.deaths < PATIENCE) return false
  if (range.to - range.from === 1) return true
  // The record in progress, if it is one of ours; else the middle.
  const at = suspect >= range.from && suspect < range.to ? suspect : (range.from + range.to) >>> 1
  const pieces: Range[] = [
    { from: range.from, to: at, deaths: 0 },
    { from: at, to: at + 1, deaths: PATIENCE - 1 },
    { from: at + 1, to: range.to, deaths: 0 },
  ]
  ranges.splice(0, 1, ...pieces.filter(({ from, to }) => to > from))
  return false
}
