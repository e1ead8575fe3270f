/** What a thread needs to run pipelines, as plain data; and how it gets from there to pipelines. */
import type { ShipperConfig } from '../config/types.ts'
import type { FieldTable } from '../event/fields.ts'
import type { Plugin } from '../plugin.ts'
import type { Sensor } from '../route/context.ts'
import { type Configured, carries, pipelineFields } from '../route/fields.ts'
import { Pipeline, pluginKey } from '../route/pipeline.ts'

export interface Setup {
  readonly config: ShipperConfig
  readonly sensor: Sensor
  /** Rings of the filter sections that have a feed. */
  readonly feeds?: Readonly<Record<string, SharedArrayBuffer>>
}

export async function loadPlugins({ config }: Pick<Setup, 'config'>): Promise<Map<string, Plugin>> {
  const plugins = new Map<string, Plugin>()
  for (const [kind, sections] of [
    ['input', config.inputs],
    ['filter', config.filters],
    ['output', config.outputs],
  ] as const) {
    for (const { name, url } of sections) plugins.set(pluginKey(kind, name), ((await import(url)) as { default: Plugin }).default)
  }
  if ([...plugins.values()].some(carries)) {
    const { builtInTables } = await import('../config/plugins.ts')
    plugins.set(CARRIED, { kind: 'filter', summary: '', config: {}, fields: await builtInTables(), create: () => ({ apply: () => true }) })
  }
  return plugins
}

/** Stands, beside the plugins of the sections, for all whose fields inputs may carry. */
const CARRIED = 'carried'

/** The fields of a config's pipelines, in an order that does not depend on the thread. */
export function fieldsOf(config: ShipperConfig, plugins: ReadonlyMap<string, Plugin>) {
  const sections: Configured[] = []
  for (const [kind, list] of [
    ['input', config.inputs],
    ['filter', config.filters],
    ['output', config.outputs],
  ] as const) {
    for (const section of list) sections.push({ name: section.name, config: section.config, plugin: plugins.get(pluginKey(kind, section.name))! })
  }
  return pipelineFields(sections, (plugins.get(CARRIED)?.fields ?? []) as readonly FieldTable[])
}

/** One pipeline for each input, in the order of the config. */
export function buildPipelines(setup: Setup, plugins: ReadonlyMap<string, Plugin>, allocate: (bytes: number) => ArrayBufferLike): Pipeline[] {
  const fields = fieldsOf(setup.config, plugins)
  return setup.config.inputs.map(({ name }) => new Pipeline({ ...setup, plugins, fields, allocate }, name))
}

/** What the main thread must know of pipelines that are built elsewhere. */
export interface Built {
  /** By input: longest time that its filters may hold something, in ms; undefined when none withholds. */
  readonly hold_ms: readonly (number | undefined)[]
  /** By output: the encoder's format, empty when no route leads there. */
  readonly formats: readonly string[]
}

export function describe(pipelines: readonly Pipeline[], { config }: Setup): Built {
  return {
    hold_ms: pipelines.map(({ holdMs }) => holdMs),
    formats: config.outputs.map((_, output) => pipelines.map((pipeline) => pipeline.formatOf(output)).find((known) => known !== undefined) ?? ''),
  }
}
