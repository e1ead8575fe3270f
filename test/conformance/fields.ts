/**
 * `node dist/test/conformance/fields.js [--all] [CAPTURE or FOLDER…]`: every field that Wireshark has too, record by record against the installed tshark.
 *
 * Prints for each field in how many records both agree, and the first ones that differ; without captures it takes frames made for the purpose (made-frames.ts),
 * all of which must agree. Lists are compared as a whole, single values with tshark's first occurrence. `--all` prints also fields that agree.
 */
import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { promisify } from 'node:util'
import { readCapture, runBatches } from '../../cli/captures.ts'
import type { Field } from '../../core/event/fields.ts'
import { TABLES } from '../../plugins/filters/ieee80211/frame.ts'
import { memoryLog } from '../plugins/config.ts'
import { filesOf } from './files.ts'
import { DIFFERENT, madeFrames, pcapOf } from './made-frames.ts'
import { body, pipelineOf } from './pipeline.ts'
import { installedNames } from './wireshark-names.ts'

/** What no tshark field prints. */
const SEPARATOR = '\x1f'

interface Compared {
  readonly field: Field
  /** Its name in tshark. */
  readonly name: string
}

export interface Tally {
  readonly path: string
  equal: number
  /** Records in which only we have the field, only tshark has it, or the values differ. */
  ours: number
  theirs: number
  different: number
  readonly examples: string[]
}

/** Our fields that the installed tshark knows; undefined where there is none. */
export async function comparedFields(): Promise<Compared[] | undefined> {
  const known = (await installedNames())?.names
  if (!known) return undefined
  return TABLES.flatMap(({ fields }) => fields).flatMap((field) => {
    const name = [field.path, ...(field.alias ?? [])].find((each) => known.has(each))
    return name && field.type !== 'name' ? [{ field, name }] : []
  })
}

/** Compares a capture, adding to `tallies`. */
export async function compareCapture(path: string, fields: readonly Compared[], tallies: Map<string, Tally>): Promise<void> {
  const [ours, theirs] = await Promise.all([ourRecords(path), tsharkRecords(path, fields)])
  ours.forEach((record) => {
    const i = (record as { frame: { number: number } }).frame.number - 1
    fields.forEach(({ field }, column) => {
      const tally = tallies.get(field.path) ?? { path: field.path, equal: 0, ours: 0, theirs: 0, different: 0, examples: [] }
      tallies.set(field.path, tally)
      const mine = field.path.split('.').reduce<unknown>((value, key) => (value as Record<string, unknown> | undefined)?.[key], record)
      const text = theirs[i]?.[column] ?? ''
      if (mine === undefined && text === '') return
      if (mine === undefined) tally.theirs++
      else if (text === '') tally.ours++
      else if (agree(field, mine, text)) {
        tally.equal++
        return
      } else tally.different++
      if (tally.examples.length < 3)
        tally.examples.push(`${path.split('/').pop()}#${i + 1}: ${JSON.stringify(mine)}, tshark ${text.replaceAll(SEPARATOR, ' ')}`)
    })
  })
}

function agree({ path, list, type }: Field, mine: unknown, text: string): boolean {
  const theirs = text.split(SEPARATOR)
  if (!list) return same(type, mine, theirs[0])
  const values = mine as unknown[]
  if (path === 'wlan.addr') return [...new Set(theirs)].sort().join() === values.toSorted().join()
  return values.length === theirs.length && values.every((value, i) => same(type, value, theirs[i]))
}

function same(type: Field['type'], mine: unknown, text: string): boolean {
  switch (type) {
    case 'bool':
      return mine === (text === '1' || text === 'True')
    case 'int':
    case 'u64':
      return /^(-?\d+|0x[0-9a-f]+)$/i.test(text) && BigInt(text) === BigInt(mine as number)
    case 'float':
      return Math.abs(Number(text) - (mine as number)) < 1e-4
    case 'mac':
      return String(mine).replaceAll(':', '') === text.replaceAll(':', '')
    case 'bytes':
      return mine === (text === '<MISSING>' ? '' : text.replaceAll(':', ''))
    default:
      // Names of networks are bytes to tshark.
      return mine === text || Buffer.from(String(mine)).toString('hex') === text
  }
}

async function ourRecords(path: string): Promise<object[]> {
  const options = { log: memoryLog(), signal: new AbortController().signal, max_record_bytes: 2 ** 20, statistics: false, skipped: () => undefined }
  const { pipeline, sensor } = await pipelineOf('full', ['objects'])
  const records: object[] = []
  for await (const ran of runBatches(pipeline, readCapture(path, options), sensor)) {
    // Integers that JSON.parse would round.
    for (const line of body(ran, 0).split('\n').filter(Boolean)) records.push(JSON.parse(line.replace(/([:[,])(\d{16,})(?=[,}\]])/g, '$1"$2"')))
  }
  return records
}

async function tsharkRecords(path: string, fields: readonly Compared[]): Promise<string[][]> {
  const options = [
    '-o',
    'wlan.enable_decryption:FALSE',
    '-o',
    'wlan.defragment:FALSE',
    '-T',
    'fields',
    '-E',
    'separator=/t',
    '-E',
    `aggregator=${SEPARATOR}`,
  ]
  const names = fields.flatMap(({ name }) => ['-e', name])
  const run = promisify(execFile)('tshark', ['-r', path, ...options, ...names], { maxBuffer: 2 ** 30 })
  // A capture that ends within a record is an error to tshark, told after the records.
  const { stdout } = await run.catch((error: { stdout: string }) => error)
  return stdout.split('\n').map((line) => line.split('\t'))
}

async function main(): Promise<void> {
  const fields = await comparedFields()
  if (!fields) throw new Error('tshark is not installed')
  const args = process.argv.slice(2)
  const captures = args.filter((arg) => arg !== '--all')
  const tallies = new Map<string, Tally>()
  if (captures.length > 0) for (const path of captures.flatMap(filesOf)) await compareCapture(path, fields, tallies)
  else {
    const folder = mkdtempSync(join(tmpdir(), 'wherry-fields-'))
    for (const [link, frames] of madeFrames()) {
      const path = join(folder, `${link}.pcap`)
      writeFileSync(path, pcapOf(link, frames))
      await compareCapture(path, fields, tallies)
    }
    rmSync(folder, { recursive: true })
    process.exitCode = [...tallies.values()].some((tally) => unlike(tally) > 0 && !DIFFERENT.has(tally.path)) ? 1 : 0
  }
  let agreed = 0
  for (const tally of tallies.values()) {
    const { path, equal, ours, theirs, different, examples } = tally
    if (unlike(tally) === 0 && equal > 0) agreed++
    if (unlike(tally) === 0 && (equal === 0 || !args.includes('--all'))) continue
    console.log(
      `${path}: ${equal} of ${equal + unlike(tally)}; only ours ${ours}, only tshark's ${theirs}, different ${different}${DIFFERENT.has(path) ? ` (${DIFFERENT.get(path)})` : ''}`,
    )
    for (const example of examples) console.log(`  ${example}`)
  }
  console.log(`${agreed} fields agree in all records`)
}

function unlike({ ours, theirs, different }: Tally): number {
  return ours + theirs + different
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) await main()
