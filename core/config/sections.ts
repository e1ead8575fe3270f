/** Loads the plugins that a config names and checks each section against its plugin's schema. */
import type { Plugin } from '../plugin.ts'
import { explain } from './explain.ts'
import { frameSchema, sectionSchema, takenOptions } from './frame.ts'
import { isBuiltIn, KINDS, loadPlugin, PluginError, type PluginKind } from './plugins.ts'
import { type Finding, pointer } from './problems.ts'
import { MEMORY_BYTES } from './queues.ts'
import { closed, coerce, type Schema } from './schema.ts'
import type { ConfigTree } from './tree.ts'
import { type Validate, type Validators, validators } from './validate.ts'

/** A section as far as it could be understood. */
export interface LoadedSection {
  readonly kind: PluginKind
  readonly name: string
  /** Pointer to it. */
  readonly at: string
  /** As written, then checked and with defaults. */
  readonly data: Readonly<Record<string, unknown>>
  readonly url: string
  readonly plugin: Plugin
  readonly schema: Schema
  /** Whether its options are as the schema wants them. */
  readonly valid: boolean
}

/** Options of the plugin itself, without those of the core. */
export function ownOptions({ kind, data }: Pick<LoadedSection, 'kind' | 'data'>): Record<string, unknown> {
  const taken = takenOptions(kind)
  return Object.fromEntries(Object.entries(data).filter(([option]) => !taken.includes(option)))
}

/** Sections that may be left empty in YAML, where a key without a value is null. */
const EMPTY: Readonly<Record<string, () => unknown>> = {
  shipper: () => ({}),
  inputs: () => ({}),
  filters: () => ({}),
  outputs: () => ({}),
  routes: () => [],
  tests: () => [],
}

/** Checks all but what plugins declare, and fills in defaults. */
export async function checkFrame(tree: ConfigTree): Promise<Finding[]> {
  const data = tree.data as Record<string, unknown>
  if (typeof data === 'object' && data !== null) for (const [name, make] of Object.entries(EMPTY)) if (data[name] === null) data[name] = make()
  const hidden = (at: string) => tree.substituted(at)
  coerce(frameSchema, data, '', hidden)
  const validate = await validators()(frameSchema, true)
  validate(data)
  return explain(validate.errors ?? [], '', hidden)
}

/**
 * @param told where each plugin is
 * @returns the sections whose plugins could be loaded, in the order of the file
 */
export async function loadSections(
  tree: ConfigTree,
  folder: string,
  told?: (url: string) => void,
): Promise<{ sections: LoadedSection[]; findings: Finding[] }> {
  const sections: LoadedSection[] = []
  const findings: Finding[] = []
  const known = validators()
  for (const kind of KINDS) {
    for (const [name, value] of entriesOf(tree.data, `${kind}s`)) {
      const data = value as Record<string, unknown>
      if (typeof data !== 'object' || data === null || typeof data.plugin !== 'string' || data.plugin === '') continue
      const at = pointer(`${kind}s`, name)
      try {
        const { url, plugin } = await loadPlugin(kind, data.plugin, folder)
        told?.(url)
        const schema = sectionSchema(kind, plugin.config as Schema)
        const found = checkSection(await validateOf(known, url, schema, data.plugin), schema, data, at, tree)
        findings.push(...found)
        sections.push({ kind, name, at, data, url, plugin, schema, valid: found.length === 0 })
      } catch (error) {
        if (!(error instanceof PluginError)) throw error
        findings.push({ pointer: `${at}/plugin`, message: error.message, hint: error.hint })
      }
    }
  }
  return { sections, findings }
}

/** Named entries of a part of the config; none where it has another shape, which the frame's schema says. */
export function entriesOf(data: unknown, part: string): [string, unknown][] {
  const found = (data as Record<string, unknown> | undefined)?.[part]
  return typeof found === 'object' && found !== null && !Array.isArray(found) ? Object.entries(found) : []
}

async function validateOf(known: Validators, url: string, schema: Schema, plugin: string): Promise<Validate> {
  try {
    return await known(closed(schema), isBuiltIn(url))
  } catch (error) {
    throw new PluginError(`the config schema of plugin ${plugin} is wrong: ${error instanceof Error ? error.message : error}`)
  }
}

function checkSection(validate: Validate, schema: Schema, data: Record<string, unknown>, at: string, tree: ConfigTree): Finding[] {
  const hidden = (pointer: string) => tree.substituted(pointer)
  coerce(schema, data, at, hidden)
  validate(data)
  const findings = explain(validate.errors ?? [], at, hidden)
  const { queue, batch, retry } = data as Partial<Record<'queue' | 'batch' | 'retry', Record<string, number | string>>>
  const right = findings.length === 0
  const most = queue?.max_bytes ?? MEMORY_BYTES
  if (right && queue && batch && batch.max_bytes > most)
    findings.push({ pointer: `${at}/batch/max_bytes`, message: `must be at most queue.max_bytes (${most})` })
  if (right && retry && retry.initial_ms > retry.max_ms)
    findings.push({ pointer: `${at}/retry/initial_ms`, message: `must be at most retry.max_ms (${retry.max_ms})` })
  return findings
}
