/** Defaults of a queue that depend on the rest of the config. */
import type { QueueOptions, Route } from './types.ts'

/** Most that waits, by kind. */
export const MEMORY_BYTES = 32 * 1024 * 1024
const DISK_BYTES = 256 * 1024 * 1024

/** As written, with the defaults of its schema. */
export type WrittenQueue = Omit<QueueOptions, 'kind' | 'max_bytes' | 'max_age_ms'> &
  Partial<Pick<QueueOptions, 'kind' | 'max_bytes'>> & { readonly max_age_h?: number }

export function queueOptions({ max_age_h, ...written }: WrittenQueue, alone: boolean): QueueOptions {
  const kind = written.kind ?? (alone ? 'memory' : 'spill')
  const max_bytes = written.max_bytes ?? (kind === 'memory' ? MEMORY_BYTES : DISK_BYTES)
  return {
    ...written,
    kind,
    max_bytes,
    memory_bytes: kind === 'memory' ? max_bytes : Math.min(written.memory_bytes, max_bytes),
    ...(max_age_h === undefined ? {} : { max_age_ms: max_age_h * 3_600_000 }),
  }
}

/** Whether no input of the output feeds another one: then nobody else waits for it. */
export function isAlone(output: string, routes: readonly Pick<Route, 'from' | 'to'>[]): boolean {
  const inputs = new Set(routes.filter(({ to }) => to.includes(output)).flatMap(({ from }) => from))
  return routes.every(({ from, to }) => !from.some((input) => inputs.has(input)) || to.every((other) => other === output))
}
