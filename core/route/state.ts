/** What a filter remembers may depend on how it is configured. */
import type { FilterPlugin, FilterState } from '../plugin.ts'

export function filterState({ state = 'none' }: FilterPlugin, config: object): FilterState {
  return typeof state === 'function' ? state(config as never) : state
}
