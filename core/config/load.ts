/**
 * Reads a config file into a checked configuration, or into everything that is wrong with it at once.
 *
 * The steps: bytes, YAML with places, substitution, the frame's schema, the plugins and their schemas, names in routes, fields, conditions.
 * A step that fails does not stop the later ones where they still say something true.
 */
import { isUtf8 } from 'node:buffer'
import { readFile } from 'node:fs/promises'
import { hostname } from 'node:os'
import { dirname, resolve } from 'node:path'
import type { Fields } from '../event/fields.ts'
import type { Plugin } from '../plugin.ts'
import { carries } from '../route/fields.ts'
import { pluginKey } from '../route/pipeline.ts'
import { advice, checkEnds } from './advice.ts'
import { checkConditions, checkFields } from './conditions.ts'
import { builtInTables, KINDS } from './plugins.ts'
import { type Finding, type Problem, sortProblems } from './problems.ts'
import { isAlone, queueOptions, type WrittenQueue } from './queues.ts'
import { checkConcealed, checkRoutes, nameList } from './routes.ts'
import { masker } from './secrets.ts'
import { checkFrame, entriesOf, type LoadedSection, loadSections, ownOptions } from './sections.ts'
import { whyUnreadable } from './substitute.ts'
import { ConfigTree } from './tree.ts'
import { tryParts } from './trial.ts'
import type { ConfigTest, OutputSection, Priority, Route, Section, ShipperConfig, ShipperOptions } from './types.ts'

export interface LoadOptions {
  readonly env: Readonly<Record<string, string | undefined>>
  /** Whether inputs must end. */
  readonly once: boolean
  /** Whether the parts are made once, to see whether they can be. Default true; not worth it for who makes them anyway. */
  readonly trial?: boolean
  /** Told where the plugins are, as they are found. */
  readonly found?: (url: string) => void
}

export interface LoadedConfig {
  /** Absent when a problem is an error. */
  readonly config?: ShipperConfig
  /** By `pluginKey`; all that could be loaded. */
  readonly plugins: ReadonlyMap<string, Plugin>
  /** All fields of the pipeline; there when `config` is. */
  readonly fields?: Fields
  /** Sorted by place. */
  readonly problems: readonly Problem[]
  /** Values that came from `${…}`, for masking logs. */
  readonly secrets: ReadonlySet<string>
}

/** Larger files are no config. */
const MOST_BYTES = 4 * 1024 * 1024

/** @param file path as the user gave it; it stands in every problem */
export async function loadConfig(file: string, options: LoadOptions): Promise<LoadedConfig> {
  const text = await readText(file)
  if (typeof text !== 'string') return { plugins: new Map(), problems: [text], secrets: new Set() }
  return loadConfigText(file, text, dirname(resolve(file)), options)
}

/**
 * The same for a text.
 * @param folder where relative paths start
 */
export async function loadConfigText(file: string, text: string, folder: string, options: LoadOptions): Promise<LoadedConfig> {
  const tree = new ConfigTree(file, text, { env: options.env, folder })
  const done = tree.broken ? undefined : await check(tree, folder, options)
  const findings = [...tree.findings, ...(done?.findings ?? []).filter(({ pointer, key }) => key || !tree.unknown(pointer))]
  const mask = masker(tree.secrets)
  const all = [...tree.problems, ...findings.map((finding) => tree.problem(finding))]
  const problems = sortProblems(all.map((problem) => ({ ...problem, message: mask(problem.message) })))
  const plugins = new Map((done?.sections ?? []).map(({ kind, name, plugin }) => [pluginKey(kind, name), plugin]))
  const wrong = !done || problems.some(({ severity }) => severity === 'error')
  return wrong
    ? { plugins, problems, secrets: tree.secrets }
    : { config: assemble(tree, done.sections, folder), plugins, fields: done.fields, problems, secrets: tree.secrets }
}

interface Checked {
  readonly sections: LoadedSection[]
  readonly fields: Fields
  readonly findings: Finding[]
}

async function check(tree: ConfigTree, folder: string, { once, trial = true, found }: LoadOptions): Promise<Checked> {
  const frame = await checkFrame(tree)
  const { sections, findings: inSections } = await loadSections(tree, folder, found)
  const named = KINDS.reduce((sum, kind) => sum + entriesOf(tree.data, `${kind}s`).length, 0)
  const {
    fields,
    complete,
    findings: inFields,
  } = checkFields(sections, sections.length === named, sections.some(({ plugin }) => carries(plugin)) ? await builtInTables() : [])
  const findings = [
    ...frame,
    ...inSections,
    ...checkRoutes(tree.data),
    ...checkConcealed(tree.data, sections),
    ...inFields,
    ...checkConditions(tree.data, sections, complete ? fields : undefined),
  ]
  if (once) findings.push(...checkEnds(sections))
  const errors = () => findings.some(({ severity = 'error' }) => severity === 'error')
  if (trial && !errors()) findings.push(...tryParts(sections, fields))
  if (!errors()) findings.push(...advice(sections, (tree.data as { routes: [] }).routes))
  return { sections, fields, findings }
}

/** The text of the file, or why there is none. */
async function readText(file: string): Promise<string | Problem> {
  const whole = (message: string): Problem => ({ severity: 'error', file, line: 0, column: 0, path: '', message })
  let bytes: Buffer
  try {
    bytes = await readFile(file)
  } catch (error) {
    return whole(whyUnreadable(error))
  }
  if (bytes.length > MOST_BYTES) return whole(`is larger than ${MOST_BYTES} bytes; this is no config`)
  if (!isUtf8(bytes)) return notUtf8(file, bytes)
  const text = bytes.toString('utf8').replace(/^\uFEFF/, '')
  if (text.replace(/^\s*#.*$/gm, '').trim() === '') return whole('is empty; a config has inputs, outputs and routes')
  return text
}

function notUtf8(file: string, bytes: Buffer): Problem {
  let line = 1
  for (let at = 0; ; line++) {
    const end = bytes.indexOf(0x0a, at)
    const part = bytes.subarray(at, end < 0 ? bytes.length : end)
    if (!isUtf8(part) || end < 0) {
      const column = part.toString('utf8').indexOf('\uFFFD') + 1
      return { severity: 'error', file, line, column: Math.max(1, column), path: '', message: 'not UTF-8 from here on; save the file as UTF-8' }
    }
    at = end + 1
  }
}

/** The configuration of a tree without errors. */
function assemble(tree: ConfigTree, sections: readonly LoadedSection[], folder: string): ShipperConfig {
  const { shipper, routes, tests } = tree.data as {
    shipper: Partial<ShipperOptions>
    routes: { from: unknown; through: unknown; when?: string; to: unknown; priority: Priority }[]
    tests: ConfigTest[]
  }
  const section = (loaded: LoadedSection): Section => {
    const { name, data, url } = loaded
    return { name, plugin: data.plugin as string, url, config: ownOptions(loaded) }
  }
  const lists = routes.map(({ from, through, when, to, priority }): Route => {
    return { from: nameList(from), through: nameList(through), ...(when === undefined ? {} : { when }), to: nameList(to), priority }
  })
  return {
    shipper: { ...(shipper as ShipperOptions), name: shipper.name ?? hostname(), data_dir: resolve(folder, shipper.data_dir!) },
    inputs: sections
      .filter(({ kind }) => kind === 'input')
      .map((loaded) => ({ ...section(loaded), clock_wait_ms: (loaded.data.clock_wait_s as number) * 1000 })),
    filters: sections.filter(({ kind }) => kind === 'filter').map(section),
    outputs: sections
      .filter(({ kind }) => kind === 'output')
      .map((loaded) => {
        const { queue, batch, linger_ms, retry } = loaded.data as Pick<OutputSection, 'batch' | 'linger_ms' | 'retry'> & { queue: WrittenQueue }
        return { ...section(loaded), queue: queueOptions(queue, isAlone(loaded.name, lists)), batch, linger_ms, retry }
      }),
    routes: lists,
    tests: tests.map((test) => ({ ...test, capture: resolve(folder, test.capture) })),
  }
}
