/** What a JSON Schema error means, in words for somebody who writes YAML. */
import type { ErrorObject } from 'ajv'
import { nearest } from './nearest.ts'
import { type Finding, pointer, pointerParts } from './problems.ts'
import type { Schema } from './schema.ts'
import { isSizeName, SIZE_WORDS } from './size.ts'

/**
 * One finding for each thing that is wrong. Errors of branches (`anyOf`, `oneOf`) become one: of the branch that was meant, where that can be told.
 * @param errors of ajv with `verbose`
 * @param base pointer of the validated value in the file
 * @param hidden whether the value at a pointer may not be shown
 */
export function explain(errors: readonly ErrorObject[], base: string, hidden: (at: string) => boolean): Finding[] {
  const findings: Finding[] = []
  let rest = errors.filter(({ keyword }) => keyword !== 'if' && keyword !== 'propertyNames')
  const branched = rest.filter(({ keyword }) => keyword === 'anyOf' || keyword === 'oneOf').sort((x, y) => x.schemaPath.length - y.schemaPath.length)
  for (const error of branched) {
    if (!rest.includes(error)) continue
    const inside = rest.filter((other) => other !== error && isInside(other, error))
    rest = rest.filter((other) => other !== error && !inside.includes(other))
    findings.push(...branches(error, inside, base, hidden))
  }
  for (const error of rest) findings.push(one(error, base, hidden))
  // A misspelt key is one mistake, not two.
  const meant = new Set(
    findings.filter(({ key, hint }) => key && hint !== undefined).map(({ pointer: at, hint }) => `${parentOf(at)} ${missing(hint!)}`),
  )
  return findings.filter(({ pointer: at, message }) => !meant.has(`${at} ${message}`))
}

function parentOf(at: string): string {
  return at.slice(0, at.lastIndexOf('/'))
}

function missing(name: string): string {
  return `"${name}" is missing`
}

function isInside(error: ErrorObject, around: ErrorObject): boolean {
  return error.schemaPath.startsWith(`${around.schemaPath}/`) && error.instancePath.startsWith(around.instancePath)
}

function branches(error: ErrorObject, inside: readonly ErrorObject[], base: string, hidden: (at: string) => boolean): Finding[] {
  const at = base + error.instancePath
  const forms = error.schema as readonly Schema[]
  const alternatives = forms.filter(({ required, type }) => required && type === undefined).flatMap(({ required }) => required ?? [])
  if (alternatives.length === forms.length) {
    const given = alternatives.filter((name) => typeof error.data === 'object' && error.data !== null && Object.hasOwn(error.data, name))
    const message = given.length > 1 ? `takes only one of ${list(given, 'and')}` : `needs ${list(alternatives)}`
    return [{ pointer: at, key: true, message }]
  }
  const byForm = forms.map((_, i) => inside.filter(({ schemaPath }) => schemaPath.startsWith(`${error.schemaPath}/${i}/`)))
  const here = ({ instancePath, keyword }: ErrorObject) => instancePath === error.instancePath && ['type', 'const', 'enum'].includes(keyword)
  const meant = byForm.filter((found) => found.length > 0 && !found.some(here))
  if (meant.length > 0) return explain(least(meant), base, hidden)
  const words = forms.flatMap((form) => (form.enum ?? [form.const]).filter((value) => typeof value === 'string'))
  return [{ pointer: at, message: `must be ${list(forms.map(formWords))}${not(error, at, hidden)}`, hint: near(error.data, words) }]
}

/** Of several forms, the one that is wrong in the fewest places; `kind: x` tells forms of a mapping apart. */
function least(forms: readonly (readonly ErrorObject[])[]): readonly ErrorObject[] {
  const weight = (errors: readonly ErrorObject[]) =>
    errors.reduce((sum, { keyword }) => sum + (keyword === 'const' || keyword === 'enum' ? 10 : 1), 0)
  return forms.reduce((best, form) => (weight(form) < weight(best) ? form : best))
}

function formWords(form: Schema): string {
  if (form.const !== undefined) return String(form.const)
  if (form.enum) return list(form.enum.map(String))
  if (form.type === 'array' && form.items?.type) return `a list of ${typeWords(form.items.type, true)}`
  return form.type ? typeWords(form.type) : 'as documented'
}

const TYPES: Readonly<Record<string, readonly [one: string, many: string]>> = {
  string: ['text', 'texts'],
  integer: ['a whole number', 'whole numbers'],
  number: ['a number', 'numbers'],
  boolean: ['true or false', 'true or false'],
  array: ['a list', 'lists'],
  object: ['a mapping', 'mappings'],
  null: ['empty', 'nothing'],
}

function typeWords(type: string | readonly string[], many = false): string {
  return list([type].flat().map((name) => TYPES[name]?.[many ? 1 : 0] ?? name))
}

function one(error: ErrorObject, base: string, hidden: (at: string) => boolean): Finding {
  const at = base + error.instancePath
  const { params, parentSchema } = error
  const shown = not(error, at, hidden)
  if (error.propertyName !== undefined)
    return { pointer: at + pointer(error.propertyName), key: true, message: 'is no name: up to 64 letters, digits, "_" and "-"' }
  switch (error.keyword) {
    case 'additionalProperties': {
      const word = params.additionalProperty as string
      return {
        pointer: at + pointer(word),
        key: true,
        message: at === '' ? 'unknown section' : 'unknown option',
        hint: nearest(word, Object.keys((parentSchema as Schema).properties ?? {})),
      }
    }
    case 'required':
      return { pointer: at, key: true, message: missing(params.missingProperty) }
    case 'type': {
      const size = isSizeName(pointerParts(at).at(-1) ?? '')
      const wanted = size ? SIZE_WORDS : typeWords(error.schema as string)
      const yesNo = error.schema === 'boolean' && typeof error.data === 'string' ? /^(?:(yes|on)|no|off)$/i.exec(error.data) : null
      const hint = yesNo ? String(yesNo[1] !== undefined) : error.schema === 'boolean' ? near(error.data, ['true', 'false']) : undefined
      return { pointer: at, message: `must be ${wanted}${shown}`, hint }
    }
    case 'enum':
      return {
        pointer: at,
        message: `must be ${list((error.schema as unknown[]).map(String))}${shown}`,
        hint: near(error.data, error.schema as unknown[]),
      }
    case 'const':
      return { pointer: at, message: `must be ${error.schema}${shown}`, hint: near(error.data, [error.schema]) }
    case 'minimum':
      return { pointer: at, message: `must be at least ${params.limit}${shown}` }
    case 'maximum':
      return { pointer: at, message: `must be at most ${params.limit}${shown}` }
    case 'exclusiveMinimum':
      return { pointer: at, message: `must be more than ${params.limit}${shown}` }
    case 'exclusiveMaximum':
      return { pointer: at, message: `must be less than ${params.limit}${shown}` }
    case 'minItems':
    case 'minProperties':
      return { pointer: at, key: true, message: params.limit === 1 ? 'is empty; it needs at least one' : `needs at least ${params.limit}` }
    case 'maxItems':
    case 'maxProperties':
      return { pointer: at, key: true, message: `takes at most ${params.limit}` }
    case 'minLength':
      return { pointer: at, message: params.limit === 1 ? 'is empty' : `must have at least ${params.limit} characters` }
    case 'maxLength':
      return { pointer: at, message: `must have at most ${params.limit} characters` }
    case 'pattern':
      return { pointer: at, message: `must match ${params.pattern}${shown}` }
    case 'uniqueItems':
      return { pointer: at + pointer(Math.max(params.i, params.j)), message: 'is in this list twice' }
    case 'dependentRequired':
    case 'dependencies':
      return { pointer: at, key: true, message: `"${params.property}" needs ${params.deps}` }
    default:
      return { pointer: at, message: error.message ?? `breaks the rule "${error.keyword}"` }
  }
}

function near(data: unknown, words: readonly unknown[]): string | undefined {
  return typeof data === 'string' ? nearest(data, words.map(String)) : undefined
}

/** `, not "abc"`; nothing where the value is a secret, or no short scalar. */
function not({ data }: ErrorObject, at: string, hidden: (at: string) => boolean): string {
  if (hidden(at)) return ''
  if (Array.isArray(data)) return ', not a list'
  if (typeof data === 'object' && data !== null) return ', not a mapping'
  if (data === null || data === undefined) return ', not empty'
  const text = JSON.stringify(data)
  return text.length <= 42 ? `, not ${text}` : `, not ${text.slice(0, 40)}…"`
}

/** `a, b or c` */
export function list(words: readonly string[], last = 'or'): string {
  const unique = [...new Set(words)]
  return unique.length < 2 ? (unique[0] ?? '') : `${unique.slice(0, -1).join(', ')} ${last} ${unique.at(-1)}`
}
