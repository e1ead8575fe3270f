/** How long documents are kept, said as each server wants to hear it: ILM, the lifecycle of a data stream, or ISM. */
import type { Dialect } from './dialect.ts'
import { indexPattern, templateName } from './template.ts'

export interface LifecycleOptions {
  readonly index: string
  readonly data_stream: boolean
  /** Days; undefined keeps them for ever. */
  readonly retention_days: number | undefined
  readonly dialect: Dialect
}

export interface Lifecycle {
  /** What it is called, and what it does. */
  readonly name: string
  /** Where a policy goes, and what it says. */
  readonly policy?: { readonly path: string; readonly body: object }
  /** Settings of an index that name the policy. */
  readonly settings?: object
  /** Of the template of a data stream. */
  readonly template?: object
}

/** A data stream begins a new index as often as there would be a new one by the day. */
const ROLLOVER = '1d'
/** Policies for names: above those that others may have. */
const PRIORITY = 200

/**
 * Undefined when nothing is to be done: indexes by the day that are kept.
 * @throws Error when this server cannot do what is asked for
 */
export function lifecycleOf({ index, data_stream, retention_days: days, dialect }: LifecycleOptions): Lifecycle | undefined {
  if (!data_stream && days === undefined) return undefined
  const name = templateName(index)
  const kept = days === undefined ? 'kept for ever' : `kept ${days} days`
  const { distribution, version } = dialect
  if (distribution === 'opensearch') {
    return { name: `ISM policy ${name}, ${kept}`, policy: { path: `/_plugins/_ism/policies/${name}`, body: ismPolicy(index, data_stream, days) } }
  }
  if (data_stream && (distribution === 'serverless' || version[0] > 8 || (version[0] === 8 && version[1] >= 14))) {
    return { name: `data stream lifecycle, ${kept}`, template: { lifecycle: days === undefined ? {} : { data_retention: `${days}d` } } }
  }
  if (distribution === 'serverless') throw new Error('retention_days: a serverless project knows lifecycles of data streams only; set data_stream')
  const rollover = data_stream ? { rollover: { max_age: ROLLOVER } } : {}
  const gone = days === undefined ? {} : { delete: { min_age: `${days}d`, actions: { delete: {} } } }
  return {
    name: `ILM policy ${name}, ${kept}`,
    policy: { path: `/_ilm/policy/${name}`, body: { policy: { phases: { hot: { actions: rollover }, ...gone } } } },
    settings: { 'index.lifecycle.name': name },
  }
}

function ismPolicy(index: string, data_stream: boolean, days: number | undefined): object {
  const gone = { name: 'gone', actions: [{ delete: {} }], transitions: [] }
  const hot = {
    name: 'hot',
    actions: data_stream ? [{ rollover: { min_index_age: ROLLOVER } }] : [],
    transitions: days === undefined ? [] : [{ state_name: 'gone', conditions: { min_index_age: `${days}d` } }],
  }
  return {
    policy: {
      description: 'Made by wherry setup.',
      default_state: 'hot',
      states: days === undefined ? [hot] : [hot, gone],
      ism_template: [{ index_patterns: [indexPattern(index)], priority: PRIORITY }],
    },
  }
}
