/** `fields` of a modern Kismet's requests. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json }

/** Key of a field that the server never registered. */
const UNKNOWN = 'field.unknown.not.registered'

/** Names, paths or pairs of path and alias. What cannot be resolved is 0: under its alias, or its name where the server knows that; else under one key for all. */
export function choose(record: Readonly<Record<string, Json>>, fields: readonly Json[]): Record<string, Json> {
  const chosen: Record<string, Json> = {}
  for (const field of fields) {
    const [path, alias] = Array.isArray(field) ? (field as [string, string]) : [String(field), undefined]
    const parts = path.split('/')
    const value = walk(record, parts)
    const last = parts[parts.length - 1]
    const known = /^(kismet|dot11)\./.test(last) && last !== 'kismet.no.such'
    chosen[alias ?? (value === undefined && !known ? UNKNOWN : last)] = value ?? 0
  }
  return chosen
}

function walk(record: Json | undefined, parts: readonly string[]): Json | undefined {
  let at = record
  for (const part of parts) {
    if (typeof at !== 'object' || at === null) return undefined
    if (Array.isArray(at)) return undefined
    at = (at as Readonly<Record<string, Json>>)[part]
  }
  return at
}
