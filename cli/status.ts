/** The line that shows, once a second, that something happens. */
import type { Balance } from '../core/delivery/books.ts'

/** Sums over all inputs and outputs. */
export interface Totals {
  readonly read: number
  readonly rejected: number
  readonly delivered: number
  /** Events that wait for an output. */
  readonly waiting: number
  readonly dead: number
}

export function totals({ inputs, routes }: Balance): Totals {
  const sum = { read: 0, rejected: 0, delivered: 0, waiting: 0, dead: 0 }
  for (const { read, rejected } of inputs) {
    sum.read += read
    sum.rejected += rejected
  }
  for (const { delivered, duplicate, held, queued, in_flight, dead_lettered } of routes) {
    sum.delivered += delivered + duplicate
    sum.waiting += held + queued + in_flight
    sum.dead += dead_lettered
  }
  return sum
}

/** `200 records/s · 12,345 read · 12,300 delivered · 45 waiting` */
export function statusLine(now: Totals, before: Totals, seconds: number): string {
  const rate = seconds > 0 ? Math.round((now.read - before.read) / seconds) : 0
  const parts = [`${number(rate)} records/s`, `${number(now.read)} read`, `${number(now.delivered)} delivered`]
  if (now.waiting > 0) parts.push(`${number(now.waiting)} waiting`)
  if (now.rejected > 0) parts.push(`${number(now.rejected)} rejected`)
  if (now.dead > 0) parts.push(`${number(now.dead)} dead letters`)
  return parts.join(' · ')
}

/**
 * Writes the line to the terminal behind stderr every second, over itself.
 * @returns a function that ends it
 */
export function showStatus(balance: () => Balance | undefined): () => void {
  const { stderr } = process
  let before: Totals | undefined
  let at = performance.now()
  let shown = false
  const timer = setInterval(() => {
    const books = balance()
    if (!books) return
    const now = totals(books)
    const time = performance.now()
    const line = statusLine(now, before ?? now, (time - at) / 1000)
    stderr.write(`\r\x1b[2K${line.slice(0, Math.max(20, stderr.columns - 1))}`)
    shown = true
    before = now
    at = time
  }, 1000)
  return () => {
    clearInterval(timer)
    if (shown) stderr.write('\n')
  }
}

function number(value: number): string {
  return value.toLocaleString('en-US')
}
