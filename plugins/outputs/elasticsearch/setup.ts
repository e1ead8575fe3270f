/** Makes the templates for the fields of a pipeline, and the lifecycle; compares what indexes there are with them, and gives them the fields that they lack. */
import type { Fields } from '../../../core/plugin.ts'
import { type ConnectionOptions, connectHosts, firstOf, type Host, jsonOf } from './connection.ts'
import { type Dialect, dialectName, dialectOf } from './dialect.ts'
import { type Lifecycle, lifecycleOf } from './lifecycle.ts'
import { differences, type Mapping, mappingOf, type Properties, refusal } from './mapping.ts'
import { newest } from './preflight.ts'
import { indexPattern, settingsOf, templateName, templates } from './template.ts'

export interface SetupOptions extends ConnectionOptions {
  readonly index: string
  readonly data_stream: boolean
  readonly retention_days: number | undefined
  readonly fields: Fields
  readonly signal: AbortSignal
}

const MOST_REASON = 300

/** Asks for JSON. @throws Error for any status but success, and but 404 to a question, which is answered with undefined */
type Ask = <T>(method: 'GET' | 'PUT', path: string, body?: object) => Promise<T | undefined>

/**
 * @returns what was done, a line each
 * @throws Error when the server refuses, or when the newest index of ours has other types than ours
 */
export async function setUp(options: SetupOptions): Promise<string[]> {
  const { signal } = options
  const hosts = connectHosts(options)
  try {
    // Who may make templates but not see the version is taken for the usual.
    const { host, dialect } = await firstOf(hosts, async (host) => {
      const { status, body } = await host.ask({ method: 'GET', path: '/', signal })
      if (status === 401 || status >= 500) throw new Error(`${host.origin} answers ${status}`)
      return { host, dialect: dialectOf(jsonOf(body)) }
    })
    const ask = asker(host, signal)
    const origin = `${host.origin} is ${dialectName(dialect)}`
    try {
      return [origin, ...(await make(options, dialect, ask))]
    } catch (error) {
      // Built without Elastic's extensions.
      if (!/No handler for type \[unsigned_long\]/.test((error as Error).message)) throw error
      return [origin, ...(await make(options, { ...dialect, unsigned_long: false }, ask))]
    }
  } finally {
    await Promise.all(hosts.map((host) => host.close()))
  }
}

async function make({ index, data_stream, retention_days, fields }: SetupOptions, dialect: Dialect, ask: Ask): Promise<string[]> {
  const lifecycle = lifecycleOf({ index, data_stream, retention_days, dialect })
  const keeps = lifecycle && (await putPolicy(lifecycle, retention_days !== undefined, ask))
  const name = templateName(index)
  const { component, template } = templates({ index, data_stream, fields, dialect, lifecycle })
  await ask('PUT', `/_component_template/${name}`, component)
  await ask('PUT', `/_index_template/${name}`, template)
  return [
    `${data_stream ? 'data stream' : 'template'} ${name} for ${indexPattern(index)}, ${fields.all.filter(Boolean).length} fields`,
    ...(keeps === undefined ? [] : [keeps]),
    ...(await mend(mappingOf(fields, dialect, data_stream).properties, { index, fields }, ask)),
  ]
}

function asker({ ask, origin }: Host, signal: AbortSignal): Ask {
  return async <T>(method: 'GET' | 'PUT', path: string, body?: object) => {
    const said = await ask({ method, path, headers: { 'content-type': 'application/json' }, body: body && JSON.stringify(body), signal })
    if (said.status === 404 && method === 'GET') return undefined
    if (said.status >= 300) throw new Error(`${origin} answers ${said.status} to ${method} ${path}: ${said.body.toString().slice(0, MOST_REASON)}`)
    return jsonOf(said.body) as T
  }
}

/**
 * Where a policy is there already, ISM wants to hear which edition is replaced.
 * @param wanted whether it was asked for; else it only spares a data stream from growing without an end
 * @returns what was done
 */
async function putPolicy({ name, policy }: Lifecycle, wanted: boolean, ask: Ask): Promise<string> {
  if (!policy) return name
  try {
    const known = await ask<{ _seq_no?: number; _primary_term?: number }>('GET', policy.path)
    const edition = known?._seq_no === undefined ? '' : `?if_seq_no=${known._seq_no}&if_primary_term=${known._primary_term}`
    await ask('PUT', policy.path + edition, policy.body)
    return name
  } catch (error) {
    const said = `${name} cannot be made: ${(error as Error).message}`
    if (wanted) throw new Error(said, { cause: error })
    return `${said}; the data stream does not begin new indexes by itself`
  }
}

/** Gives older indexes the fields that they lack. @throws Error when the newest one cannot be mended */
async function mend(ours: Properties, { index, fields }: Pick<SetupOptions, 'index' | 'fields'>, ask: Ask): Promise<string[]> {
  const live = (await ask<Record<string, { mappings?: Mapping }>>('GET', `/${indexPattern(index)}/_mapping`)) ?? {}
  const last = newest(live)?.[0]
  const wrong: string[] = []
  let mended = 0
  for (const [name, { mappings = {} }] of Object.entries(live)) {
    const why = refusal(ours, mappings)
    if (why !== undefined) {
      const said = `index ${name} was made otherwise, and is not written into: ${why}`
      if (name === last) throw new Error(said)
      wrong.push(said)
    } else if (differences(ours, mappings.properties ?? {}).missing.length > 0) {
      await ask('PUT', `/${name}/_settings`, settingsOf(fields))
      await ask('PUT', `/${name}/_mapping`, { properties: ours })
      mended++
    }
  }
  const others = wrong.length > 1 ? [`and so were ${wrong.length - 1} more`] : []
  return [...(mended > 0 ? [`${mended} older indexes have new fields now`] : []), ...wrong.slice(0, 1), ...others]
}
