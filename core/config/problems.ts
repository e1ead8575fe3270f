/** What is wrong with a configuration: a typed list, sorted by place, printed one a line. */

/** `error` prevents a start, `warning` is said at every start, `note` only by `wherry check`. */
export type Severity = 'error' | 'warning' | 'note'

export interface Problem {
  readonly severity: Severity
  /** As the user gave it. */
  readonly file: string
  /** From 1; 0 when the file as a whole is meant. */
  readonly line: number
  /** From 1, in UTF-16 units. */
  readonly column: number
  /** `outputs.search.queue.kind`; empty for the whole file. */
  readonly path: string
  readonly message: string
  /** The nearest right word, or what to do. */
  readonly hint?: string
}

/** `file:line:column path: what is wrong (did you mean …?)` */
export function problemText({ severity, file, line, column, path, message, hint }: Problem): string {
  const place = line > 0 ? `${file}:${line}:${column}` : file
  const subject = path === '' ? '' : ` ${path}`
  const weight = severity === 'error' ? '' : `${severity}: `
  return `${place}${subject}: ${weight}${message}${hintText(hint)}`
}

/** A word is what was probably meant; several words say what to do. */
export function hintText(hint: string | undefined): string {
  if (hint === undefined) return ''
  return hint.includes(' ') ? ` (${hint})` : ` (did you mean ${hint}?)`
}

/** In the order of the file; the same problem said twice counts once. */
export function sortProblems(problems: Iterable<Problem>): Problem[] {
  const unique = new Map<string, Problem>()
  for (const problem of problems) unique.set(problemText(problem), problem)
  return [...unique.values()].sort((x, y) => x.line - y.line || x.column - y.column || compare(x.path, y.path) || compare(x.message, y.message))
}

function compare(x: string, y: string): number {
  return x < y ? -1 : x > y ? 1 : 0
}

/** What the parts of the loader report: the place is a JSON pointer, resolved to line and column in one spot. */
export interface Finding {
  readonly pointer: string
  /** Points at the key instead of the value. */
  readonly key?: boolean
  /** Characters into a scalar's text. */
  readonly offset?: number
  readonly message: string
  readonly hint?: string
  readonly severity?: Severity
}

/** `/inputs/air/path/0` from its parts. */
export function pointer(...parts: readonly (string | number)[]): string {
  return parts.map((part) => `/${String(part).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('')
}

export function pointerParts(text: string): string[] {
  return text
    .split('/')
    .slice(1)
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'))
}

/** `inputs.air.path[0]`, as people write it. */
export function pathText(parts: readonly string[]): string {
  let text = ''
  for (const part of parts) {
    if (/^\d+$/.test(part)) text += `[${part}]`
    else if (/^[\w-]+$/.test(part)) text += text === '' ? part : `.${part}`
    else text += `[${JSON.stringify(part)}]`
  }
  return text
}
