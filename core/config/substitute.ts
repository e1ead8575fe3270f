/**
 * `${VAR}`, `${VAR:default}`, `${VAR:?message}` and `${file:/run/secrets/x}` in the values of a config; `$${` stands for `${`.
 *
 * As in a shell, a variable that is set but empty counts as unset where a default or a message is given. What comes from a variable or a
 * file is a secret: it is remembered so that logs can mask it, and never part of a message.
 */
import { readFileSync, statSync } from 'node:fs'
import { resolve } from 'node:path'
import { nearest } from './nearest.ts'

export interface Environment {
  readonly env: Readonly<Record<string, string | undefined>>
  /** Folder that `${file:…}` starts from. */
  readonly folder: string
}

export interface Substituted {
  readonly text: string
  /** Whether anything was put in, so that places in the text no longer agree with the source. */
  readonly changed: boolean
  readonly secrets: readonly string[]
  readonly problems: readonly { readonly offset: number; readonly message: string; readonly hint?: string }[]
}

/** Longest secret file, in bytes: it is read whole. */
const FILE_BYTES = 64 * 1024

export function substitute(text: string, environment: Environment): Substituted {
  const secrets: string[] = []
  const problems: { offset: number; message: string; hint?: string }[] = []
  let changed = false
  const result = text.replace(/(\$?)\$\{([^}]*)(\}?)/g, (whole, dollar: string, inner: string, end: string, offset: number) => {
    changed = true
    if (dollar !== '') return whole.slice(1)
    if (end === '') {
      problems.push({ offset, message: `"\${" has no closing "}"; write "$\${" for the characters themselves` })
      return ''
    }
    const found = lookUp(inner, environment)
    if ('problem' in found) problems.push({ offset, message: found.problem, hint: found.hint })
    else if (found.secret && found.text !== '') secrets.push(found.text)
    return 'text' in found ? found.text : ''
  })
  return { text: result, changed, secrets, problems }
}

type Found = { text: string; secret: boolean } | { problem: string; hint?: string }

function lookUp(inner: string, { env, folder }: Environment): Found {
  if (inner.startsWith('file:')) return secretFile(inner.slice('file:'.length), folder)
  const parts = /^([A-Za-z_]\w*)(?::([\s\S]*))?$/.exec(inner)
  if (!parts) return { problem: `"\${${inner}}" names no environment variable; write "$\${" for the characters themselves` }
  const [, name, other] = parts
  const value = env[name]
  if (value !== undefined && (value !== '' || other === undefined)) return { text: value, secret: true }
  if (other === undefined) return { problem: `environment variable ${name} is not set`, hint: nearest(name, Object.keys(env)) }
  if (other.startsWith('?')) return { problem: `environment variable ${name} is not set: ${other.slice(1).trim() || 'it is required'}` }
  if (other.includes(`\${`)) return { problem: `the default of ${name} cannot hold another "\${"` }
  return { text: other, secret: false }
}

/** The text of a file without its last line end. */
function secretFile(name: string, folder: string): Found {
  if (name === '') return { problem: `"\${file:}" names no file` }
  try {
    const path = resolve(folder, name)
    const about = statSync(path)
    if (!about.isFile()) return { problem: `secret file ${name} is not a plain file` }
    if (about.size > FILE_BYTES) return { problem: `secret file ${name} is larger than ${FILE_BYTES} bytes` }
    return { text: readFileSync(path, 'utf8').replace(/\r?\n$/, ''), secret: true }
  } catch (error) {
    return { problem: `secret file ${name} ${whyUnreadable(error)}` }
  }
}

/** Words for the error of a file operation, without its path. */
export function whyUnreadable(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  if (code === 'ENOENT') return 'does not exist'
  if (code === 'EACCES' || code === 'EPERM') return 'cannot be read: permission denied'
  if (code === 'EISDIR') return 'is a directory'
  if (code === 'ENOTDIR') return 'does not exist: a part of its path is not a directory'
  return `cannot be read: ${code || String(error)}`
}
