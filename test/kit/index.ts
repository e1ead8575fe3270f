/**
 * The test kit for plugins, `wherry/kit`: properties that every plugin of a kind must have, and tools for tests of delivery.
 *
 *     import { checkPlugin } from 'wherry/kit'
 *     import plugin from './index.js'
 *     import sample from './kit.js'
 *
 *     checkPlugin(plugin, { sample })
 */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Plugin } from '../../core/plugin.ts'
import { encoderProperties } from './encoder.ts'
import { filterProperties } from './filter.ts'
import { inputProperties } from './input.ts'
import { outputProperties } from './output.ts'
import { type Property, words } from './property.ts'
import type { Sample } from './sample.ts'
import { shapeProperties } from './shape.ts'

export { default as chaos } from './chaos/index.ts'
export { type ChaosOptions, type ChaosState, chaosState } from './chaos/state.ts'
export { ManualClock } from './clock.ts'
export { default as numbers } from './numbers/index.ts'
export { Oracle, type Verdict } from './oracle.ts'
export type { Property } from './property.ts'
export { Random } from './random.ts'
export type { FilterSample, InputCase, InputSample, OutputSample, Prepared, Receiver, Sample, SampleEvent } from './sample.ts'

export interface CheckOptions {
  /** Default: none, and then only the shape is checked and what works without any option. */
  readonly sample?: Sample
  /** Folder of the plugin's sources, which must hold a README.md. */
  readonly folder?: string
  /** After how long something hangs. Default 10000. */
  readonly patience_ms?: number
}

/** All properties that the kit can check with this sample. */
export function properties(plugin: Plugin, { sample = {}, folder, patience_ms = 10_000 }: CheckOptions = {}): Property[] {
  const shape = shapeProperties(plugin, folder)
  if (!isWhole(plugin)) return shape
  if (plugin.kind === 'input') return [...shape, ...inputProperties(plugin, { cases: [], ...sample }, patience_ms)]
  if (plugin.kind === 'filter')
    return [...shape, ...filterProperties(plugin, { ...sample, configs: sample.configs ?? optional(plugin) }, patience_ms)]
  return [
    ...shape,
    ...encoderProperties(plugin, { ...sample, configs: sample.configs ?? optional(plugin) }, patience_ms),
    ...outputProperties(plugin, sample, patience_ms),
  ]
}

/** Whether it can be run at all. */
function isWhole({ kind, ...plugin }: Plugin): boolean {
  const pure = { input: 'decoder', filter: 'create', output: 'encoder' }[kind]
  return pure !== undefined && pure in plugin && 'create' in plugin
}

/** The config without options, if that is one. */
function optional(plugin: Plugin): object[] {
  const { required = [] } = plugin.config as { required?: readonly string[] }
  return required.length === 0 ? [{}] : []
}

/** Registers one test of `node:test` for each property. */
export function checkPlugin(plugin: Plugin, options: CheckOptions = {}): void {
  for (const { name, check } of properties(plugin, options)) test(name, async () => assert.deepEqual(await check(), []))
}

/** What is wrong with a plugin, as `property: problem`; `only` properties whose names contain a text, when that is given. */
export async function findings(plugin: Plugin, options: CheckOptions = {}, only = ''): Promise<string[]> {
  const found: string[] = []
  for (const property of properties(plugin, options)) {
    if (!property.name.includes(only)) continue
    found.push(...(await problemsOf(property)).map((problem) => `${property.name}: ${problem}`))
  }
  return found
}

async function problemsOf({ check }: Property): Promise<string[]> {
  try {
    return await check()
  } catch (error) {
    return [words(error)]
  }
}
