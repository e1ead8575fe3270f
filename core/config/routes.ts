/** Whether routes and tests name what there is, and what of it is used. */

import type { FilterPlugin } from '../plugin.ts'
import { nearest } from './nearest.ts'
import { article, KINDS, type PluginKind } from './plugins.ts'
import { type Finding, pointer } from './problems.ts'
import { entriesOf, type LoadedSection } from './sections.ts'

/** A route as written, checked by the frame's schema. */
interface WrittenRoute {
  readonly from?: unknown
  readonly through?: unknown
  readonly to?: unknown
}

/** One name or a list as a list; what is no text has been reported by the schema. */
export function nameList(value: unknown): string[] {
  return [value].flat().filter((name) => typeof name === 'string')
}

export function checkRoutes(data: unknown): Finding[] {
  const findings: Finding[] = []
  const names = Object.fromEntries(KINDS.map((kind) => [kind, entriesOf(data, `${kind}s`).map(([name]) => name)])) as Record<PluginKind, string[]>
  const used = { input: new Set<string>(), filter: new Set<string>(), output: new Set<string>() }

  const refer = (kind: PluginKind, value: unknown, at: string) => {
    const list = Array.isArray(value)
    for (const [i, name] of nameList(value).entries()) {
      const unknown = names[kind].includes(name) ? undefined : unknownName(kind, name, names)
      // What is misspelt here is used all the same.
      used[kind].add(unknown?.hint ?? name)
      if (unknown) findings.push({ pointer: list ? at + pointer(i) : at, ...unknown })
    }
  }

  const routes = listOf(data, 'routes') as WrittenRoute[]
  routes.forEach((route, i) => {
    refer('input', route?.from, pointer('routes', i, 'from'))
    refer('filter', route?.through, pointer('routes', i, 'through'))
    refer('output', route?.to, pointer('routes', i, 'to'))
  })
  ;(listOf(data, 'tests') as { input?: unknown; expect?: unknown }[]).forEach((test, i) => {
    if (typeof test?.input === 'string' && !names.input.includes(test.input))
      findings.push({ pointer: pointer('tests', i, 'input'), ...unknownName('input', test.input, names) })
    for (const [output] of entriesOf(test, 'expect'))
      if (!names.output.includes(output))
        findings.push({ pointer: pointer('tests', i, 'expect', output), key: true, ...unknownName('output', output, names) })
  })
  if (routes.length > 0)
    for (const kind of KINDS)
      for (const name of names[kind])
        if (!used[kind].has(name)) findings.push({ pointer: pointer(`${kind}s`, name), key: true, message: 'no route uses it', severity: 'warning' })
  return [...findings, ...twice(routes)]
}

function unknownName(kind: PluginKind, name: string, names: Record<PluginKind, string[]>): { message: string; hint?: string } {
  const other = KINDS.find((each) => each !== kind && names[each].includes(name))
  if (other) return { message: `"${name}" is ${article(other)}, not ${article(kind)}` }
  return { message: `there is no ${kind} "${name}"`, hint: nearest(name, names[kind]) }
}

/**
 * What a filter sets behind one that conceals is not concealed: fields with a class must be set before.
 * @param sections those that could be loaded
 */
export function checkConcealed(data: unknown, sections: readonly LoadedSection[]): Finding[] {
  const findings: Finding[] = []
  const filters = new Map(sections.filter(({ kind }) => kind === 'filter').map(({ name, plugin }) => [name, plugin as FilterPlugin]))
  ;(listOf(data, 'routes') as WrittenRoute[]).forEach((route, i) => {
    const names = nameList(route?.through)
    const first = names.findIndex((name) => filters.get(name)?.conceals)
    if (first < 0) return
    for (const [k, name] of names.entries()) {
      const { fields } = filters.get(name) ?? {}
      const told =
        typeof fields === 'object' ? fields.flatMap((table) => table.fields).find((field) => (field.class ?? 'plain') !== 'plain') : undefined
      if (k > first && told)
        findings.push({
          pointer: pointer('routes', i, 'through', ...(Array.isArray(route?.through) ? [k] : [])),
          message: `"${name}" sets ${told.path}, which "${names[first]}" must see; put it before "${names[first]}"`,
        })
    }
  })
  return findings
}

/** Routes by which one event can come to one output twice; it is then written once for each. */
function twice(routes: readonly WrittenRoute[]): Finding[] {
  const findings: Finding[] = []
  routes.forEach((route, i) => {
    for (const [k, earlier] of routes.slice(0, i).entries()) {
      const inputs = nameList(route?.from).filter((name) => nameList(earlier?.from).includes(name))
      const outputs = nameList(route?.to).filter((name) => nameList(earlier?.to).includes(name))
      for (const input of inputs)
        for (const output of outputs)
          findings.push({
            pointer: pointer('routes', i),
            message: `can bring an event of "${input}" to "${output}" that routes[${k}] brings there too; it is written once for each`,
            severity: 'warning',
          })
    }
  })
  return findings
}

function listOf(data: unknown, part: string): unknown[] {
  const found = (data as Record<string, unknown> | undefined)?.[part]
  return Array.isArray(found) ? found : []
}
