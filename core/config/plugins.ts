/**
 * Finds and loads plugins. A built-in is a folder below `plugins/`: the folder is the registry. `./path` starts from the config file,
 * anything else is an npm package that is installed beside the config file or above it.
 */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { dirname, isAbsolute, join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { FieldTable } from '../event/fields.ts'
import type { Plugin } from '../plugin.ts'
import { takenOptions } from './frame.ts'
import { nearest } from './nearest.ts'
import { modulesRoot, moduleUrl } from './root.ts'

export type PluginKind = Plugin['kind']
export const KINDS = ['input', 'filter', 'output'] as const

/** A plugin that cannot be had. The message fits behind the path of the section's `plugin`. */
export class PluginError extends Error {
  override readonly name = 'PluginError'
  readonly hint: string | undefined
  constructor(message: string, hint?: string) {
    super(message)
    this.hint = hint
  }
}

export interface LoadedPlugin {
  readonly url: string
  readonly plugin: Plugin
}

const ROOT = new URL('plugins/', modulesRoot())

/** The names of all built-in plugins of a kind, sorted. */
export function builtIns(kind: PluginKind): string[] {
  const folder = new URL(`${kind}s/`, ROOT)
  if (!existsSync(folder)) return []
  return readdirSync(folder)
    .filter((name) => existsSync(new URL(builtInUrl(kind, name))))
    .sort()
}

/** Whether a module is one of ours. */
export function isBuiltIn(url: string): boolean {
  return url.startsWith(ROOT.href)
}

/** URL of a built-in plugin's module. */
export function builtInUrl(kind: PluginKind, name: string): string {
  return moduleUrl(`plugins/${kind}s/${name}/index`).href
}

/**
 * Loads the plugin of a section.
 * @param name as written in the config
 * @param folder of the config file
 * @throws PluginError when there is none, it is of another kind or does not have the shape of a plugin
 */
export async function loadPlugin(kind: PluginKind, name: string, folder: string): Promise<LoadedPlugin> {
  const url = locate(kind, name, folder)
  let module: { readonly default?: unknown }
  try {
    module = await import(url)
  } catch (error) {
    throw new PluginError(`plugin ${name} cannot be loaded: ${error instanceof Error ? `${error.name}: ${error.message}` : error}`)
  }
  const { default: plugin } = module
  if (typeof plugin !== 'object' || plugin === null) throw new PluginError(`plugin ${name} has no default export that is an object`)
  const found = plugin as Partial<Plugin>
  if (found.kind !== kind) {
    const known = KINDS.some((other) => other === found.kind)
    throw new PluginError(
      known ? `${name} is ${article(found.kind!)}; it belongs under "${found.kind}s"` : `plugin ${name} says no kind (input, filter or output)`,
    )
  }
  const lacks = missing(found)
  if (lacks.length > 0) throw new PluginError(`plugin ${name} is not whole: ${lacks.join('; ')}`)
  return { url, plugin: plugin as Plugin }
}

/** The fixed field tables of all built-in plugins. */
export async function builtInTables(): Promise<FieldTable[]> {
  const tables: FieldTable[] = []
  for (const kind of KINDS) {
    for (const name of builtIns(kind)) {
      const { fields } = (await loadPlugin(kind, name, '.')).plugin
      if (typeof fields === 'object') tables.push(...fields)
    }
  }
  return tables
}

export function article(kind: PluginKind): string {
  return kind === 'filter' ? 'a filter' : `an ${kind}`
}

/** What a plugin object lacks of the contract. */
function missing(plugin: Partial<Plugin>): string[] {
  const { kind, summary, config, fields } = plugin
  const lacks: string[] = []
  const isFunction = (name: string) => typeof (plugin as Record<string, unknown>)[name] === 'function'
  if (typeof summary !== 'string') lacks.push('"summary" is not text')
  const schema = config as { type?: unknown; properties?: object } | undefined
  if (typeof schema !== 'object' || schema === null || schema.type !== 'object') lacks.push('"config" is no JSON Schema with type "object"')
  else
    for (const name of takenOptions(kind!)) if (Object.hasOwn(schema.properties ?? {}, name)) lacks.push(`its option "${name}" is one of the core's`)
  if (!isFunction('create')) lacks.push('"create" is not a function')
  if (kind === 'input' && !isFunction('decoder')) lacks.push('"decoder" is not a function')
  if (kind === 'output' && !isFunction('encoder')) lacks.push('"encoder" is not a function')
  if (kind === 'input' && !isFunction('replayable') && !('replayable' in plugin && typeof plugin.replayable === 'boolean'))
    lacks.push('"replayable" is neither true, false nor a function')
  if (fields !== undefined && !Array.isArray(fields) && typeof fields !== 'function')
    lacks.push('"fields" is neither a list of tables nor a function')
  return lacks
}

function locate(kind: PluginKind, name: string, folder: string): string {
  if (name.startsWith('./') || name.startsWith('../') || isAbsolute(name)) return pathToFileURL(localFile(name, folder)).href
  if (builtIns(kind).includes(name)) return builtInUrl(kind, name)
  const file = packageFile(name, folder)
  if (file) return pathToFileURL(file).href
  const other = KINDS.find((each) => each !== kind && builtIns(each).includes(name))
  if (other) throw new PluginError(`${name} is ${article(other)}; it belongs under "${other}s"`)
  throw new PluginError(`there is no ${kind} ${name}, neither built in nor as a package beside this file`, nearest(name, builtIns(kind)))
}

function localFile(name: string, folder: string): string {
  const path = resolve(folder, name)
  const about = statSync(path, { throwIfNoEntry: false })
  const candidates = about?.isDirectory() ? ['index.js', 'index.mjs', 'index.ts'].map((file) => join(path, file)) : [path]
  const file = candidates.find((candidate) => existsSync(candidate))
  if (!file) throw new PluginError(about ? `${name} has no index.js` : `${name} does not exist`)
  // Node says whether it strips types since it can; before that the property is not there.
  if (/\.[cm]?ts$/.test(file) && !('typescript' in process.features && process.features.typescript))
    throw new PluginError(`${name} is TypeScript, which Node ${process.versions.node} does not run; compile it and name the .js file`)
  return file
}

/** The main file of a package in the nearest `node_modules`, by its `exports` or `main`. */
function packageFile(name: string, folder: string): string | undefined {
  const parts = /^((?:@[\w.-]+\/)?[\w][\w.-]*)(\/[\w./-]+)?$/.exec(name)
  if (!parts || name.includes('..')) return undefined
  for (let at = resolve(folder); ; at = dirname(at)) {
    const home = join(at, 'node_modules', parts[1])
    if (existsSync(join(home, 'package.json'))) return entryFile(home, `.${parts[2] ?? ''}`)
    if (at === dirname(at)) return undefined
  }
}

function entryFile(home: string, subpath: string): string | undefined {
  const about = JSON.parse(readFileSync(join(home, 'package.json'), 'utf8')) as { exports?: unknown; main?: unknown }
  const exported = entryOf(about.exports, subpath)
  const plain = subpath === '.' ? [about.main, 'index.js'] : [subpath, `${subpath}/index.js`]
  const candidates = about.exports === undefined ? plain : [exported]
  return candidates
    .filter((file) => typeof file === 'string')
    .map((file) => join(home, file))
    .find((file) => statSync(file, { throwIfNoEntry: false })?.isFile())
}

/** The target of a subpath in `exports` for an import; patterns are not for plugins. */
function entryOf(exported: unknown, subpath: string): string | undefined {
  if (typeof exported === 'string') return subpath === '.' ? exported : undefined
  if (typeof exported !== 'object' || exported === null) return undefined
  const table = exported as Readonly<Record<string, unknown>>
  const isTable = Object.keys(table).some((key) => key.startsWith('.'))
  return isTable ? byCondition(table[subpath]) : subpath === '.' ? byCondition(table) : undefined
}

function byCondition(target: unknown): string | undefined {
  if (typeof target === 'string') return target
  if (typeof target !== 'object' || target === null) return undefined
  for (const [condition, inner] of Object.entries(target)) {
    if (!['node', 'import', 'default', 'module-sync'].includes(condition)) continue
    const found = byCondition(inner)
    if (found) return found
  }
  return undefined
}
