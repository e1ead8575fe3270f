/** Which output can stop which: an output whose queue is full holds its inputs, and with them all that they feed. */
import type { ShipperConfig } from './types.ts'

export interface Isolation {
  readonly output: string
  /** Bytes that wait before its inputs do; undefined when it drops instead. */
  readonly after_bytes: number | undefined
  /** Inputs that then wait. */
  readonly holds: readonly string[]
  /** Other outputs that then get nothing from these inputs. */
  readonly stops: readonly string[]
}

export function isolation({ outputs, routes }: Pick<ShipperConfig, 'outputs' | 'routes'>): Isolation[] {
  return outputs.map(({ name, queue }) => {
    if (queue.on_full !== 'wait') return { output: name, after_bytes: undefined, holds: [], stops: [] }
    const holds = [...new Set(routes.filter(({ to }) => to.includes(name)).flatMap(({ from }) => from))]
    const fed = routes.filter(({ from }) => from.some((input) => holds.includes(input))).flatMap(({ to }) => to)
    const stops = outputs.map((output) => output.name).filter((other) => other !== name && fed.includes(other))
    return { output: name, after_bytes: queue.max_bytes, holds, stops }
  })
}
