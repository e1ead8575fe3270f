/** A YAML file as plain data that remembers the place of every key and value. */
import { isAlias, isMap, isScalar, isSeq, LineCounter, type Node, type Pair, parseDocument, type Scalar } from 'yaml'
import { type Finding, type Problem, pathText, pointer, pointerParts } from './problems.ts'
import { type Environment, substitute } from './substitute.ts'

/** Where a value stands. */
interface Located {
  /** Offset of its key, or of the dash's value in a list. */
  readonly key: number
  readonly value: number
  /** For a scalar: its source text, and what the text says before substitution. */
  readonly scalar?: { readonly raw: string; readonly text: string }
  /** Whether `${…}` was in it; then it is neither shown nor pointed into. */
  readonly substituted: boolean
}

/** Aliases can make a small file huge; no config needs this many values or this much nesting. */
const MOST_VALUES = 20_000
const DEEPEST = 40

export class ConfigTree {
  readonly file: string
  /** Plain data with everything substituted; `undefined` for an empty file. */
  data: unknown
  readonly findings: Finding[] = []
  /** Problems of the YAML itself and of substitution. */
  readonly problems: Problem[] = []
  /** Whether the YAML is so broken that its data means little. */
  broken: boolean
  readonly secrets = new Set<string>()
  /** Values that could not be found out, by pointer: whatever else seems wrong with them is only a consequence. */
  readonly #unknown = new Set<string>()
  readonly #located = new Map<string, Located>()
  readonly #lines = new LineCounter()
  readonly #source: string
  readonly #environment: Environment
  readonly #document: ReturnType<typeof parseDocument>
  #values = 0
  #overflow = false

  /** @param file as the user gave it, for messages */
  constructor(file: string, source: string, environment: Environment) {
    this.file = file
    this.#source = source
    this.#environment = environment
    this.#document = parseDocument(source, { lineCounter: this.#lines, prettyErrors: false })
    const { errors, warnings, contents } = this.#document
    this.broken = errors.some(({ code }) => code !== 'DUPLICATE_KEY')
    const lines = new Set<number>()
    for (const { code, message, pos } of [...errors, ...warnings]) {
      const place = this.#lines.linePos(pos[0])
      // One slip of the pen makes several errors, on its line and wherever the parser is lost behind it; the first says it.
      if (code !== 'DUPLICATE_KEY' && (lines.has(place.line) || (lines.size > 0 && message.includes('in YAML stream')))) continue
      lines.add(place.line)
      this.problems.push({
        severity: 'error',
        file,
        line: place.line,
        column: place.col,
        path: '',
        message: yamlMessage(code, message, source, pos[0]),
      })
    }
    if (!this.broken) this.data = this.#read(contents as Node | null, [], contents?.range?.[0] ?? 0, 0)
  }

  /** A finding with its line, column and path. */
  problem({ pointer: at, key, offset, message, hint, severity = 'error' }: Finding): Problem {
    const parts = pointerParts(at)
    let located = this.#located.get(at)
    for (let up = parts.length; !located && up > 0; up--) located = this.#located.get(pointer(...parts.slice(0, up - 1)))
    let where = key ? (located?.key ?? 0) : (located?.value ?? 0)
    if (!key && offset !== undefined && located?.scalar && !located.substituted) where += offsetIn(located.scalar, offset)
    const { line, col } = this.#lines.linePos(where)
    return { severity, file: this.file, line: Math.max(1, line), column: Math.max(1, col), path: pathText(parts), message, hint }
  }

  /** Whether a value may not be shown, because it (or a part of it) came from `${…}`. */
  substituted(at: string): boolean {
    for (const [known, { substituted }] of this.#located) if (substituted && (known === at || known.startsWith(`${at}/`))) return true
    return false
  }

  /** Whether the value at a pointer could not be found out, which has been reported. */
  unknown(at: string): boolean {
    return this.#unknown.has(at)
  }

  #report(finding: Finding): void {
    this.problems.push(this.problem(finding))
    this.#unknown.add(finding.pointer)
  }

  #read(node: Node | null, parts: (string | number)[], key: number, depth: number): unknown {
    const at = pointer(...parts)
    if (++this.#values > MOST_VALUES || depth > DEEPEST) {
      if (!this.#overflow)
        this.findings.push({ pointer: at, message: depth > DEEPEST ? 'is nested too deeply' : 'the aliases of this file make too many values' })
      this.#overflow = this.broken = true
      return undefined
    }
    const value = node?.range?.[0] ?? key
    if (isAlias(node)) {
      const target = node.resolve(this.#document)
      if (!target) {
        this.#located.set(at, { key, value, substituted: false })
        this.#report({ pointer: at, message: `there is no anchor &${node.source} above` })
        return ''
      }
      return this.#read(target as Node, parts, key, depth + 1)
    }
    if (isScalar(node)) return this.#scalar(node, at, key)
    this.#located.set(at, { key, value, substituted: false })
    if (isSeq(node)) return node.items.map((item, i) => this.#read(item as Node, [...parts, i], (item as Node)?.range?.[0] ?? value, depth + 1))
    if (isMap(node)) return this.#map(node.items as Pair<Node, Node | null>[], parts, depth)
    return null
  }

  #map(pairs: readonly Pair<Node, Node | null>[], parts: (string | number)[], depth: number): object {
    const at = pointer(...parts)
    const own = this.#located.get(at)!
    const data: Record<string, unknown> = {}
    // Merged values first, so that the mapping's own keys win, in value and in place.
    for (const { key, value } of pairs) {
      if (!isMerge(key)) continue
      for (const source of isSeq(value) ? (value.items as Node[]) : [value]) {
        const more = this.#read(source, parts, key.range?.[0] ?? 0, depth + 1)
        if (typeof more !== 'object' || more === null || Array.isArray(more))
          this.findings.push({ pointer: at, message: '"<<" takes an alias of a mapping' })
        else for (const [name, item] of Object.entries(more)) put(data, name, item)
      }
      this.#located.set(at, own)
    }
    for (const { key, value } of pairs) {
      if (isMerge(key)) continue
      const place = key?.range?.[0] ?? own.value
      if (isScalar(key)) put(data, String(key.value), this.#read(value, [...parts, String(key.value)], place, depth + 1))
      else {
        this.#located.set(`${at}/?`, { key: place, value: place, substituted: false })
        this.findings.push({ pointer: `${at}/?`, key: true, message: 'a key must be a word' })
      }
    }
    return data
  }

  #scalar(node: Scalar, at: string, key: number): unknown {
    const value = node.range?.[0] ?? key
    const text = typeof node.value === 'string' ? node.value : undefined
    const raw = this.#source.slice(value, node.range?.[1] ?? value)
    const done = text === undefined ? undefined : substitute(text, this.#environment)
    this.#located.set(at, { key, value, scalar: text === undefined ? undefined : { raw, text }, substituted: false })
    if (!done?.changed) return node.value
    for (const secret of done.secrets) this.secrets.add(secret)
    for (const problem of done.problems) this.#report({ pointer: at, ...problem })
    this.#located.set(at, { key, value, scalar: { raw, text: text! }, substituted: true })
    return done.text
  }
}

/** `<<: *anchor` is YAML 1.1, but everybody uses it. */
function isMerge(key: Node): boolean {
  return isScalar(key) && key.source === '<<' && key.type === 'PLAIN'
}

/** Sets an own property, whatever its name. */
function put(data: object, name: string, value: unknown): void {
  Object.defineProperty(data, name, { value, enumerable: true, writable: true, configurable: true })
}

/** Offset in the source, from the start of the scalar, of a character of its text; 0 for scalars of several lines. */
export function offsetIn({ raw, text }: { raw: string; text: string }, offset: number): number {
  if (raw === text) return offset
  const quote = raw[0]
  if (raw.includes('\n') || (quote !== '"' && quote !== "'")) return 0
  let at = 1
  for (let i = 0; i < offset && at < raw.length - 1; i++) {
    if (quote === "'") at += raw[at] === "'" ? 2 : 1
    else at += raw[at] === '\\' ? ({ x: 4, u: 6, U: 10 }[raw[at + 1]] ?? 2) : 1
  }
  return at
}

/** The YAML package's messages speak of tokens; the most frequent slips have plainer words. */
function yamlMessage(code: string, message: string, source: string, at: number): string {
  if (code === 'TAB_AS_INDENT') return 'a tab cannot indent YAML; use spaces'
  if (code === 'DUPLICATE_KEY') return `${/^[^\s:]+/.exec(source.slice(at, at + 100))?.[0] ?? 'a key'} is here twice`
  if (code === 'MULTIPLE_DOCS') return 'a second document begins here; a config is one document'
  if (code === 'BLOCK_AS_IMPLICIT_KEY') return 'a second ": " on one line; quote the value, or use { … }'
  if (source[at] === '{' && source[at - 1] === '$') return `quote "\${…}" inside { … } and [ … ]`
  return `not YAML: ${message.replace(/\.$/, '')}`
}
