/** Paths with wildcards: *, ?, [abc], [!a-z], {a,b} within a name, and ** for any number of folders. A leading dot must be written out. */
import { readdir, stat } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'

export interface Glob {
  /** As written. */
  readonly pattern: string
  /** The one path it stands for, when it has no wildcards. */
  readonly literal?: string
  matches(path: string): boolean
  /** Calls back for every folder that is looked into and every file that matches. Folders that cannot be read go to `failed`. */
  walk(found: (path: string) => void, folder: (path: string) => void, failed: (path: string, error: Error) => void): Promise<void>
}

const MAGIC = /[*?[{]/

/** A path is absolute afterwards. One without wildcards matches itself only. */
export function glob(pattern: string): Glob {
  const absolute = resolve(pattern)
  if (!MAGIC.test(absolute)) {
    return {
      pattern,
      literal: absolute,
      matches: (path) => path === absolute,
      walk: async (found, folder) => {
        folder(dirname(absolute))
        found(absolute)
      },
    }
  }
  const segments = absolute.split('/').slice(1)
  const first = segments.findIndex((segment) => MAGIC.test(segment))
  const base = `/${segments.slice(0, first).join('/')}`
  const rest = segments.slice(first)
  const names = rest.map((segment) => (segment === '**' ? undefined : nameExpression(segment)))
  return {
    pattern,
    matches: (path) => {
      const prefix = base === '/' ? '/' : `${base}/`
      return path.startsWith(prefix) && matchParts(names, path.slice(prefix.length).split('/'))
    },
    walk: async (found, folder, failed) => {
      const seen = new Set<string>()
      await walkFrom(base, names, { found, folder: (path) => !seen.has(path) && seen.add(path) && folder(path), failed })
    },
  }
}

/** A segment's expression; `undefined` stands for `**`. */
type Parts = readonly (RegExp | undefined)[]

function matchParts(parts: Parts, path: readonly string[]): boolean {
  if (parts.length === 0) return path.length === 0
  if (path.length === 0) return false
  const [part, ...others] = parts
  if (part) return part.test(path[0]) && matchParts(others, path.slice(1))
  if (others.length === 0) return path.every((name) => !name.startsWith('.'))
  return matchParts(others, path) || (!path[0].startsWith('.') && matchParts(parts, path.slice(1)))
}

interface Walk {
  readonly found: (path: string) => void
  readonly folder: (path: string) => void
  readonly failed: (path: string, error: Error) => void
}

async function walkFrom(folder: string, parts: Parts, walk: Walk): Promise<void> {
  const [part, ...others] = parts
  if (!part && others.length > 0) await walkFrom(folder, others, walk)
  walk.folder(folder)
  let entries: import('node:fs').Dirent[]
  try {
    entries = await readdir(folder, { withFileTypes: true })
  } catch (error) {
    // Gone is as good as empty.
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') walk.failed(folder, error as Error)
    return
  }
  for (const entry of entries) {
    const path = join(folder, entry.name)
    if (part ? !part.test(entry.name) : entry.name.startsWith('.')) continue
    if (part && others.length === 0) {
      if (!entry.isDirectory()) walk.found(path)
      continue
    }
    // ** does not go through links, so that it cannot go round in circles.
    if (entry.isDirectory() || (part && entry.isSymbolicLink() && (await isFolder(path)))) await walkFrom(path, part ? others : parts, walk)
    else if (!part && others.length === 0) walk.found(path)
  }
}

async function isFolder(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory()
  } catch {
    return false
  }
}

/** The expression of one name. A group or class that is not closed stands for itself. */
function nameExpression(segment: string): RegExp {
  let text = ''
  let depth = 0
  for (let i = 0; i < segment.length; i++) {
    const char = segment[i]
    const close = char === '[' ? segment.indexOf(']', i + 2) : -1
    if (char === '*') text += '.*'
    else if (char === '?') text += '.'
    else if (close > 0) {
      text += `[${segment
        .slice(i + 1, close)
        .replace(/^!/, '^')
        .replace(/[\\\]]/g, '\\$&')}]`
      i = close
    } else if (char === '{' && segment.includes('}', i)) {
      text += '(?:'
      depth++
    } else if (char === '}' && depth > 0) {
      text += ')'
      depth--
    } else if (char === ',' && depth > 0) text += '|'
    else text += char.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')
  }
  return new RegExp(`^${/^[.]/.test(segment) ? '' : '(?![.])'}${text}$`, 's')
}
