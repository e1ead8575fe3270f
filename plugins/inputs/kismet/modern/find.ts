/** Finds a wanted value in a record, whether it was asked for by fields, under an alias, or the whole record came. */
import type { Wanted } from './names.ts'

export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json }
export type JsonObject = { readonly [key: string]: Json }

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Undefined when the record does not have it at all. */
export function find(record: JsonObject, { path, alias }: Pick<Wanted, 'path' | 'alias'>): Json | undefined {
  if (alias !== undefined) {
    const value = member(record, alias)
    if (value !== undefined) return value
  }
  if (path.length > 1) {
    const value = walk(record, path)
    if (value !== undefined) return value
  }
  return member(record, path[path.length - 1])
}

/** The ekjson form has underscores for dots. */
export function member(record: JsonObject, name: string): Json | undefined {
  if (Object.hasOwn(record, name)) return record[name]
  if (!name.includes('.')) return undefined
  const flat = name.replaceAll('.', '_')
  return Object.hasOwn(record, flat) ? record[flat] : undefined
}

/** Down a path; a list on the way gives the list of what its members have. */
function walk(record: JsonObject, path: readonly string[]): Json | undefined {
  let at: Json | undefined = record
  for (let i = 0; i < path.length; i++) {
    if (Array.isArray(at)) return (at as readonly Json[]).flatMap((one) => (isObject(one) ? (walk(one, path.slice(i)) ?? []) : [])) as Json
    if (!isObject(at)) return undefined
    at = member(at, path[i])
  }
  return at
}

/** A number, or NaN. */
export function numberOf(value: Json | undefined): number {
  return typeof value === 'number' ? value : Number.NaN
}

/** Any value as text, nothing for what is absent, 0 or empty: for keys. `String` throws at an object with a `toString` of its own. */
export function keyText(value: Json | undefined): string {
  return isObject(value) || Array.isArray(value) ? JSON.stringify(value) : String(value || '')
}

/** Text, or nothing: Kismet writes 0 for text that it does not have. */
export function textOf(value: Json | undefined): string {
  return typeof value === 'string' ? value : ''
}
