/**
 * `node dist/test/conformance/kismet.js FOLDER`: transcripts of real Kismet servers, in FOLDER/kismet-legacy and FOLDER/kismet-modern, through the decoder.
 *
 * Every line of a legacy server becomes typed fields, or is one of the known bugs of the server; every frame and reply of a modern one decodes.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Event } from '../../core/event/event.ts'
import { streamKey } from '../../core/event/id.ts'
import { pureContext } from '../../core/route/context.ts'
import { pipelineFields } from '../../core/route/fields.ts'
import kismet from '../../plugins/inputs/kismet/index.ts'
import { SENTENCES } from '../../plugins/inputs/kismet/legacy/sentences.ts'
import { tokenise } from '../../plugins/inputs/kismet/legacy/tokenise.ts'
import { encodeSource, HEADER_BYTES, KIND, type Kind, RecordHeader } from '../../plugins/inputs/kismet/records.ts'

const folder = process.argv[2]
if (folder === undefined) {
  console.error('usage: kismet.js FOLDER')
  process.exit(2)
}

const event = new Event(pipelineFields([{ name: 'kismet', plugin: kismet, config: {} }]))
const decoder = kismet.decoder({} as never, pureContext('kismet', event, { name: 'kismet', id: 'kismet' }))

/** How many values a record gave; or why it was rejected. */
function decode(
  kind: Kind,
  sent: Uint8Array,
  sentences: Readonly<Record<string, readonly string[]>>,
): { values: Map<string, unknown> } | { reason: string } {
  const data = new Uint8Array(HEADER_BYTES + sent.length)
  const header = Object.assign(new RecordHeader(), { kind, at: 1_795_462_347 })
  header.write(new DataView(data.buffer), 0, data.length)
  data.set(sent, HEADER_BYTES)
  const context = encodeSource({ address: 'a', generation: 'legacy', start: 1_795_462_347, sentences })
  let reason = 'nothing came of it'
  let values: Map<string, unknown> | undefined
  decoder.decode(
    { stream: 'records', data, offset: 0, context, key: streamKey('kismet', 'records') },
    {
      open: () => {
        event.open(data)
        return event
      },
      emit: () => {
        values = new Map(event.hold().values.map(([field, value]) => [field.path, value]))
      },
      reject: (why) => {
        reason = why
      },
    },
  )
  return values ? { values } : { reason }
}

interface Tally {
  lines: number
  values: number
  odd: Map<string, number>
  rejected: Map<string, number>
  problems: string[]
}

function judge(
  tally: Tally,
  where: string,
  kind: Kind,
  sent: Uint8Array,
  sentences: Readonly<Record<string, readonly string[]>>,
  bug: boolean,
): void {
  const result = decode(kind, sent, sentences)
  tally.lines++
  if ('reason' in result) {
    tally.rejected.set(result.reason, (tally.rejected.get(result.reason) ?? 0) + 1)
    if (!bug) tally.problems.push(`${where}: ${result.reason}`)
    return
  }
  tally.values += result.values.size
  if (!result.values.has('event.id')) tally.problems.push(`${where}: no event.id`)
  for (const name of (result.values.get('kismet.odd_fields') as string[] | undefined) ?? []) tally.odd.set(name, (tally.odd.get(name) ?? 0) + 1)
}

/** What a command subscribes; `*` is all of the sentence. */
function subscribe(command: string, sentences: Record<string, readonly string[]>): void {
  const [, word, name = '', list = ''] = /^!\S+ (\S+) (\S+) ?(\S*)/.exec(command) ?? []
  if (word?.toUpperCase() !== 'ENABLE') return
  const form = SENTENCES[name.toUpperCase()]
  const fields = list.startsWith('*') ? form?.fields : list.toLowerCase().replace(/,$/, '').split(',')
  if (form && fields?.every((field) => form.fields.includes(field))) sentences[name.toUpperCase()] = fields
}

const CONTROL: Readonly<Record<string, number>> = { KISMET: 5, PROTOCOLS: 1, CAPABILITY: 2, ACK: 2, ERROR: 2, TIME: 1 }

function legacy(tally: Tally, file: string): void {
  const messages = readFileSync(file, 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { dir: string; line: string })
  const raw = readFileSync(file.replace(/jsonl$/, 'raw.txt'), 'latin1').split('\n')
  const sentences: Record<string, readonly string[]> = {}
  let at = 0
  for (const { dir, line } of messages) {
    if (dir === 'C') subscribe(line, sentences)
    if (dir !== 'S') continue
    const where = `${file}:${at + 1}`
    const text = raw[at++]
    const sentence = tokenise(text)
    if (!sentence) {
      tally.problems.push(`${where}: not a sentence`)
      continue
    }
    const { name, fields } = sentence
    if (name === 'CAPABILITY' && SENTENCES[fields[0]] && SENTENCES[fields[0]].fields.join() !== fields[1])
      tally.problems.push(`${where}: other fields of ${fields[0]}`)
    if (name in CONTROL || name === 'TERMINATE') {
      tally.lines++
      if (name in CONTROL && fields.length !== CONTROL[name]) tally.problems.push(`${where}: ${name} has ${fields.length} fields`)
      continue
    }
    // The one bug that garbles lines: `wps` is a raw byte, the texts behind it are not quoted.
    const bug = name === 'SSID' && (sentences.SSID ?? []).includes('wps')
    judge(tally, where, KIND.line, Buffer.from(text, 'latin1'), sentences, bug)
  }
  if (raw.length - 1 !== at) tally.problems.push(`${file}: ${raw.length - 1} raw lines for ${at} messages`)
}

interface Exchange {
  readonly dir?: string
  readonly json?: unknown
  readonly text?: string
  readonly request?: { readonly path: string }
  readonly status?: number
}

/** Which records a reply holds. */
function kindOf(path: string): Kind | undefined {
  if (/\/alerts\/(all|last|wrapped)/.test(path)) return KIND.alert
  if (path.includes('/messagebus/')) return KIND.message
  if (path.includes('/datasource/all_sources')) return KIND.source
  // Replies with a list of devices that say which.
  return /\/devices\/(last-time|by-mac|views\/[^/]+\/(last-time|devices))|clients-of/.test(path) ? KIND.device : undefined
}

function modern(tally: Tally, file: string): void {
  readFileSync(file, 'utf8')
    .trim()
    .split('\n')
    .forEach((line, n) => {
      const where = `${file}:${n + 1}`
      const { dir, json, request, status } = JSON.parse(line) as Exchange
      if (dir === 'S' && json !== undefined) {
        const keys = Object.keys(json as object)
        const bare = keys.some((key) => key.includes('.') || key.startsWith('kismet_'))
        judge(tally, where, bare ? KIND.device : KIND.bus, Buffer.from(JSON.stringify(json)), {}, false)
      }
      const kind = request && status === 200 ? kindOf(request.path) : undefined
      if (kind === undefined) return
      const lists = [json, ...(json && typeof json === 'object' ? Object.values(json) : [])].filter(Array.isArray) as unknown[][]
      for (const record of lists[0] ?? []) judge(tally, where, kind, Buffer.from(JSON.stringify(record)), {}, false)
    })
}

let failed = 0
let passed = 0
for (const [name, check] of [
  ['kismet-legacy', legacy],
  ['kismet-modern', modern],
] as const) {
  const tally: Tally = { lines: 0, values: 0, odd: new Map(), rejected: new Map(), problems: [] }
  const files = readdirSync(join(folder, name)).filter((file) => file.endsWith('.jsonl'))
  for (const file of files) {
    // Connections in a form of their own.
    if (!file.startsWith('07-')) check(tally, join(folder, name, file))
  }
  const { lines, values, odd, rejected, problems } = tally
  console.log(`${name}: ${files.length} files, ${lines} records, ${values} values`)
  for (const [reason, count] of rejected) console.log(`  ${count} rejected: ${reason}`)
  for (const [field, count] of odd) console.log(`  ${count} odd: ${field}`)
  for (const problem of problems.slice(0, 20)) console.log(`  PROBLEM ${problem}`)
  if (problems.length > 0 || lines === 0) failed++
  else passed++
}
console.log(`${passed} passed, ${failed} failed`)
process.exit(failed > 0 ? 1 : 0)
