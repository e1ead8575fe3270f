/** Names that depend on the time of the event, in UTC: paths, indexes. */

import { memo } from './memo.ts'

/** Seconds for which a directive's text stays the same; months and years are cut by days, which are as good. */
const PERIODS: Readonly<Record<string, number>> = { Y: 86400, m: 86400, d: 86400, j: 86400, H: 3600, M: 60, S: 1 }
const DIRECTIVE = /%([YmdjHMS%])/g
/** Names that are kept, since captures of many days may come in turns. */
const KEPT = 64
/** From the first to the last directive that is a time. */
const TIMES = /%[YmdjHMS](?:.*%[YmdjHMS])?/s

/** From an event's seconds since 1970 to a name. */
export interface TimePattern {
  (seconds: number): string
  /** Seconds for which a name stays the same, counted from 1970; undefined when it always does. */
  readonly period: number | undefined
}

/**
 * Compiles a strftime pattern to a function of an event's seconds since 1970. For an event without a time (NaN), or of a year that has
 * no four digits, `unknown-time` stands for all from the first to the last directive.
 */
export function timePattern(pattern: string): TimePattern {
  const literal = (text: string) => text.replaceAll('%%', '%')
  const directives = [...pattern.matchAll(DIRECTIVE)].map((match) => match[1]).filter((letter) => letter !== '%')
  if (directives.length === 0) {
    const name = literal(pattern)
    return Object.assign(() => name, { period: undefined })
  }
  const period = Math.min(...directives.map((letter) => PERIODS[letter]))
  // `%%` is taken out first, so that the Y of `%%Y` is no directive.
  const unknown = pattern.replaceAll('%%', '\0').replace(TIMES, 'unknown-time').replaceAll('\0', '%')
  const nameFrom = memo(KEPT, (start: number) => {
    const date = new Date(start * 1000)
    const year = date.getUTCFullYear()
    return year >= 0 && year <= 9999 ? pattern.replace(DIRECTIVE, (_, letter: string) => expand(date, letter)) : unknown
  })
  let from = Number.NaN
  let name = ''
  const nameAt = (seconds: number) => {
    if (seconds >= from && seconds < from + period) return name
    from = Math.floor(seconds / period) * period
    name = nameFrom(from)
    return name
  }
  return Object.assign(nameAt, { period })
}

function expand(date: Date, letter: string): string {
  switch (letter) {
    case 'Y':
      return pad(date.getUTCFullYear(), 4)
    case 'm':
      return pad(date.getUTCMonth() + 1, 2)
    case 'd':
      return pad(date.getUTCDate(), 2)
    case 'j':
      return pad(Math.floor((date.getTime() - new Date(date).setUTCMonth(0, 1)) / 86400000) + 1, 3)
    case 'H':
      return pad(date.getUTCHours(), 2)
    case 'M':
      return pad(date.getUTCMinutes(), 2)
    case 'S':
      return pad(date.getUTCSeconds(), 2)
    default:
      return '%'
  }
}

function pad(value: number, digits: number): string {
  return String(value).padStart(digits, '0')
}
