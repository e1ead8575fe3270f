import type { Read } from './reads.ts'

/**
 * Says that some lazy tables of this record follow from a run of its bytes that came before, but for bytes of other tables and `reads` (see repeats.ts). Writers
 * keep what they wrote of such tables. Setting or deleting a field of theirs ends it for this record.
 */
export interface Repeat {
  /** Where the run is remembered, a small number. */
  readonly place: number
  /** Which run it is; another one in the same place has another number. */
  readonly version: number
  /** Bits of the lazy tables: all that are declared with `repeats`. */
  readonly tables: number
  /** Fields, of these and of other tables, whose values stand in bytes that may vary. */
  readonly reads: readonly Read[]
  /** Bits of further lazy tables that need not be decoded to be written, since `reads` has each of their fields that is there. */
  readonly direct: number
}
