/** The books as tables: what came in and how it ended. */
import type { Balance } from '../core/delivery/books.ts'
import { table } from './terminal.ts'

const ENDS = ['not_matched', 'absorbed', 'delivered', 'duplicate', 'dead_lettered', 'dropped', 'held', 'queued', 'in_flight'] as const

/** Columns that are 0 everywhere are left out, but for those that everybody looks for. */
export function balanceTable({ inputs, routes, shed }: Balance): string {
  const shown = ENDS.filter((end) => end === 'delivered' || routes.some((route) => route[end] > 0))
  const filters = [...new Set(routes.flatMap(({ filtered }) => Object.keys(filtered)))]
  const created = routes.some((route) => route.created > 0) ? (['created'] as const) : []
  return `${table([['input', 'read', 'decoded', 'rejected'], ...inputs.map(({ input, read, decoded, rejected }) => [input, read, decoded, rejected])])}\n${table(
    [
      ['route', 'output', 'decoded', ...created, ...filters.map((name) => `filtered by ${name}`), ...shown],
      ...routes.map((route) => [
        `${route.route + 1} from ${route.from.join(', ')}`,
        route.output,
        route.decoded,
        ...created.map((key) => route[key]),
        ...filters.map((name) => route.filtered[name] ?? 0),
        ...shown.map((end) => route[end]),
      ]),
    ],
  )}${Object.keys(shed).length > 0 ? `\n${table([['filter', 'shed'], ...Object.entries(shed)])}` : ''}`
}
