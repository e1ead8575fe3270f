import type { Event } from './event.ts'

/**
 * Changes what is decoded from here on, table by table, before anybody sees it: values that must not leave are replaced without decoding what nobody asks
 * for. What it makes of a value follows from the value, from `key` and, of a record that repeats, from nothing else that varies; so writers may keep the text.
 */
export interface Lens {
  /** The same number means that equal values become equal ones; never 0. */
  readonly key: number
  /** Called when lazy tables have been decoded: change the fields of the tables with these bits by `replace` and `conceal`. */
  see(event: Event, bits: number): void
  /** Whether `direct` does for a field all that `see` does, where that does not remove it. */
  isDirect(number: number): boolean
  /** What `see` makes of `a` of a field, for who reads it from the record's bytes (reads.ts). */
  direct(number: number, a: number): number
}
