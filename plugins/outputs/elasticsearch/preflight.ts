/**
 * Looks at an index before the first document goes into it: one whose types are not ours, or would be guessed, is not written into.
 *
 * Who may only write documents is not let see mappings; then nothing is known, and nothing refused (docs/decisions/0015-no-guessed-index.md).
 */
import { type Fields, type Log, RetryError } from '../../../core/plugin.ts'
import { OPERATOR_MS } from './answer.ts'
import { type Answer, jsonOf, type Request } from './connection.ts'
import type { Dialect } from './dialect.ts'
import { differences, type Mapping, mappingOf, refusal } from './mapping.ts'

export interface PreflightOptions {
  readonly fields: Fields
  readonly data_stream: boolean
  readonly log: Log
  /** Of any host. */
  readonly ask: (request: Request) => Promise<Answer>
  readonly dialect: () => Dialect
}

export class Preflight {
  readonly #options: PreflightOptions
  /** Indexes that may be written into, or of which nothing can be known. */
  readonly #fine = new Set<string>()
  #told = false

  constructor(options: PreflightOptions) {
    this.#options = options
  }

  /** @throws RetryError when one of these indexes is not to be written into; the data is kept */
  async check(indexes: Iterable<string>, signal: AbortSignal): Promise<void> {
    for (const index of indexes) {
      if (this.#fine.has(index)) continue
      const mapping = await this.#mappingFor(index, signal)
      const why = mapping && refusal(this.#ours(), mapping)
      if (why !== undefined) throw new RetryError(`${index} is not written into: ${why}; see wherry setup`, { after_ms: OPERATOR_MS })
      if (mapping) this.#tell(index, mapping)
      this.#fine.add(index)
    }
  }

  #ours() {
    const { fields, dialect, data_stream } = this.#options
    return mappingOf(fields, dialect(), data_stream).properties
  }

  /** What is missing in an index of an older version is kept and cannot be searched for. */
  #tell(index: string, { properties = {} }: Mapping): void {
    const { missing } = differences(this.#ours(), properties)
    if (missing.length === 0 || this.#told) return
    this.#told = true
    this.#options.log.warn(
      `${index} lacks ${missing.length} fields, such as ${missing[0]}: they are kept but cannot be searched for until wherry setup has run`,
    )
  }

  /** The mapping of an index, or the one that it will have; undefined when that cannot be known. */
  async #mappingFor(index: string, signal: AbortSignal): Promise<Mapping | undefined> {
    const ask = async (method: Request['method'], path: string) => {
      const answer = await this.#options.ask({ method, path, signal })
      const { status } = answer
      // What is wrong with the server just now says nothing of the index.
      if (status === 401 || status === 429 || status >= 500)
        throw new RetryError(`the server answers ${status} when asked for the mapping of ${index}`, { after_ms: status === 401 ? OPERATOR_MS : 0 })
      return answer
    }
    const live = await ask('GET', `/${index}/_mapping`)
    if (live.status === 404) {
      const simulated = await ask('POST', `/_index_template/_simulate_index/${index}`)
      // No template at all is said by an empty answer.
      const said = answered<{ template?: { mappings?: Mapping } }>(simulated)
      return said && (said.template?.mappings ?? {})
    }
    const indexes = answered<Record<string, { mappings?: Mapping }>>(live)
    return indexes && newest(indexes)?.[1]
  }
}

/** The index that is written into: of the indexes of a data stream the newest, whose names sort by their time. */
export function newest(live: Record<string, { mappings?: Mapping }>): [name: string, mapping: Mapping] | undefined {
  const found = Object.entries(live)
    .filter(([, value]) => typeof value?.mappings === 'object')
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .at(-1)
  return found && [found[0], found[1].mappings as Mapping]
}

/** What an answer says; undefined when it says no. */
function answered<T>({ status, body }: Answer): T | undefined {
  return status === 200 ? (jsonOf(body) as T | undefined) : undefined
}
