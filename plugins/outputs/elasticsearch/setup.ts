/** Makes the templates for the fields of a pipeline, and compares what indexes there are with them. */
import type { Fields } from '../../../core/plugin.ts'
import { type ConnectionOptions, connectHosts, type Host } from './connection.ts'
import { dialectOf, differences, indexPattern, mappingOf, templateName, templates } from './template.ts'

export interface SetupOptions extends ConnectionOptions {
  readonly index: string
  readonly fields: Fields
  readonly signal: AbortSignal
}

/** Differences that are told of one index. */
const MOST_TOLD = 5
const MOST_REASON = 300

/**
 * @returns what was done, a line each
 * @throws Error when the server refuses, or when an index of ours has other types than ours
 */
export async function setUp(options: SetupOptions): Promise<string[]> {
  const { index, fields, signal, authorization } = options
  const hosts = connectHosts(options)
  const ask = async ({ pool, prefix, origin }: Host, method: 'GET' | 'PUT', path: string, body?: object): Promise<unknown> => {
    const headers = { 'content-type': 'application/json', ...(authorization === undefined ? {} : { authorization }) }
    const said = await pool.request({ method, path: `${prefix}${path}`, headers, body: body && JSON.stringify(body), signal })
    const text = await said.body.text()
    if (said.statusCode === 404 && method === 'GET') return {}
    if (said.statusCode >= 300) throw new Error(`${origin} answers ${said.statusCode} to ${method} ${path}: ${text.slice(0, MOST_REASON)}`)
    return JSON.parse(text)
  }
  try {
    const { host, dialect } = await firstOf(hosts, async (host) => ({ host, dialect: dialectOf(await ask(host, 'GET', '/')) }))
    const name = templateName(index)
    const { component, template } = templates(index, fields, dialect)
    await ask(host, 'PUT', `/_component_template/${name}`, component)
    await ask(host, 'PUT', `/_index_template/${name}`, template)
    const live = (await ask(host, 'GET', `/${indexPattern(index)}/_mapping`)) as Record<string, { mappings?: { properties?: object } }>
    const ours = mappingOf(fields, dialect).properties
    const wrong = Object.entries(live).flatMap(([index, { mappings }]) => {
      const found = differences(ours, (mappings?.properties ?? {}) as typeof ours)
      const more = found.length > MOST_TOLD ? `, and ${found.length - MOST_TOLD} more` : ''
      return found.length > 0 ? [`index ${index} was made otherwise: ${found.slice(0, MOST_TOLD).join(', ')}${more}`] : []
    })
    if (wrong.length > 0) throw new Error(wrong.join('\n'))
    const kind = `${dialect.distribution} ${dialect.version.join('.')}`
    return [`${host.origin} is ${kind}`, `template ${name} for ${indexPattern(index)}, ${fields.all.filter(Boolean).length} fields`]
  } finally {
    await Promise.all(hosts.map(({ pool }) => pool.destroy()))
  }
}

/** The first host that answers. */
async function firstOf<T>(hosts: readonly Host[], ask: (host: Host) => Promise<T>): Promise<T> {
  const problems: string[] = []
  for (const host of hosts) {
    try {
      return await ask(host)
    } catch (error) {
      problems.push((error as Error).message)
    }
  }
  throw new Error(problems.join('; '))
}
