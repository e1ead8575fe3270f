/**
 * `node dist/test/conformance/when.js [--all] [CAPTURE or FOLDER…]`: the conditions of when.txt over captures, against the installed tshark: the same
 * `frame.number`s for each; over a folder of captures each must match some records and not all. Without captures it takes generated traffic.
 *
 * Differences in damaged records are only counted; pcapng blocks that are no packets, which tshark numbers as well, are no records here.
 * `--all` prints how many records each condition matches.
 */
import { appendFileSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { packageRoot } from '../../core/config/root.ts'
import { capture } from '../../plugins/inputs/generate/write.ts'
import { filesOf } from './files.ts'
import { ourMatches, tsharkMatches } from './matches.ts'

export interface Row {
  readonly condition: string
  /** Why it differs. */
  readonly differs?: string
}

function lines(): string[] {
  return readFileSync(new URL('test/conformance/when.txt', packageRoot()), 'utf8')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
}

/** Records that are left out, by capture. */
function leftOut(): Map<string, ReadonlySet<number>> {
  const named = lines().filter((line) => line.startsWith('- '))
  return new Map(named.map((line) => line.split(' ')).map(([, capture, numbers]) => [capture, new Set(numbers.split(',').map(Number))]))
}

/** The conditions of when.txt. */
export function tableRows(): Row[] {
  return lines()
    .filter((line) => !line.startsWith('- '))
    .map((line) => {
      if (!line.startsWith('! ')) return { condition: line }
      const [condition, differs] = line.slice(2).split(/ {3}/)
      return { condition, differs }
    })
}

interface Tally {
  ours: number
  theirs: number
  /** Damaged records that differ. */
  damaged: number
  /** Whole records that differ. */
  readonly unlike: string[]
}

/** What is behind damage is a matter of taste: a wrong FCS, a frame that was cut, one that ends too early, one of no version; and what is no 802.11 frame at all. */
const DAMAGED = 'wlan.fcs.status == 0 or radiotap.flags.badfcs == 1 or error.type or wlan.fc.version > 0 or not wlan.fc.version'
const TSHARK_DAMAGED = '_ws.malformed or _ws.short'

/** Compares one capture, adding to the tallies of the rows. Returns how many records were compared. */
async function compare(path: string, rows: readonly Row[], tallies: readonly Tally[]): Promise<number> {
  const conditions = rows.map(({ condition }) => condition)
  const [ours, theirs] = await Promise.all([
    ourMatches(path, [...conditions, 'frame.number', DAMAGED]),
    tsharkMatches(path, [...conditions, TSHARK_DAMAGED]),
  ])
  const out = leftOut().get(basename(path))
  const all = ours[rows.length].filter((number) => !out?.has(number))
  const damaged = new Set([...ours[rows.length + 1], ...(theirs[rows.length] ?? [])])
  rows.forEach((_, row) => {
    const tally = tallies[row]
    const found = theirs[row]
    if (!found) {
      if (tally.unlike.length === 0) tally.unlike.push('tshark refuses it')
      return
    }
    const [mine, its] = [new Set(ours[row]), new Set(found)]
    const unlike = all.filter((number) => mine.has(number) !== its.has(number))
    const whole = unlike.filter((number) => !damaged.has(number))
    tally.ours += mine.size
    tally.theirs += its.size
    tally.damaged += unlike.length - whole.length
    if (whole.length > 0) tally.unlike.push(`${basename(path)}#${whole.slice(0, 3).join(',')}${whole.length > 3 ? ` and ${whole.length - 3}` : ''}`)
  })
  return all.length
}

/** A capture of generated traffic. */
function generated(folder: string): string {
  const path = join(folder, 'traffic.pcap')
  for (const { bytes } of capture({ seed: 1, frames: 5000, networks: 20, clients: 60, rate: 0, start_ms: 1_183_089_000_000 }))
    appendFileSync(path, bytes)
  return path
}

async function main(): Promise<void> {
  const args = process.argv.slice(2)
  const paths = args.filter((arg) => arg !== '--all')
  const given = paths.flatMap(filesOf)
  /** Enough records for each condition to match some. */
  const many = paths.some((path) => statSync(path).isDirectory())
  const folder = mkdtempSync(join(tmpdir(), 'wherry-when-'))
  try {
    const rows = tableRows()
    const tallies = rows.map((): Tally => ({ ours: 0, theirs: 0, damaged: 0, unlike: [] }))
    let records = 0
    for (const path of given.length > 0 ? given : [generated(folder)]) records += await compare(path, rows, tallies)
    let passed = 0
    let selective = 0
    let failed = 0
    rows.forEach(({ condition, differs }, i) => {
      const { ours, theirs, damaged, unlike } = tallies[i]
      const beside = damaged > 0 ? `, damaged records apart: ${damaged}` : ''
      const some = theirs > 0 && theirs < records
      if (differs) console.log(`differs: ${condition}: ours ${ours}, tshark ${theirs}${beside}; ${differs}`)
      else if (unlike.length > 0 || (many && !some)) {
        failed++
        console.log(`${condition}: ours ${ours}, tshark ${theirs} of ${records}${beside}; ${unlike.slice(0, 4).join(' ')}`)
      } else {
        passed++
        if (some) selective++
        if (args.includes('--all')) console.log(`${condition}: ${ours}${beside}`)
      }
    })
    console.log(`${records} records; ${selective} conditions match some and not all`)
    console.log(`${passed} passed, ${failed} failed`)
    process.exitCode = failed > 0 ? 1 : 0
  } finally {
    rmSync(folder, { recursive: true })
  }
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) await main()
