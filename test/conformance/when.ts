/**
 * `node dist/test/conformance/when.js [--all] [CAPTURE or FOLDER…]`: the conditions of when.txt over captures, against the installed tshark: the same
 * `frame.number`s for each; over captures of others each must match some records and not all. Without captures it takes generated traffic and made frames.
 *
 * Left out are records that tshark calls malformed (what is behind the damage is a matter of taste), and blocks of pcapng that are no packets.
 * `--all` prints how many records each condition matches.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { packageRoot } from '../../core/config/root.ts'
import { capture } from '../../plugins/inputs/generate/write.ts'
import { filesOf } from './files.ts'
import { madeFrames, pcapOf } from './made-frames.ts'
import { ourMatches, tsharkMatches } from './matches.ts'

export interface Row {
  readonly condition: string
  /** Why it differs. */
  readonly differs?: string
}

/** The conditions of when.txt. */
export function tableRows(): Row[] {
  const lines = readFileSync(new URL('test/conformance/when.txt', packageRoot()), 'utf8').split('\n')
  return lines
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => {
      if (!line.startsWith('! ')) return { condition: line }
      const [condition, differs] = line.slice(2).split(/ {3}/)
      return { condition, differs }
    })
}

interface Tally {
  ours: number
  theirs: number
  readonly unlike: string[]
}

/** Compares one capture, adding to the tallies of the rows. Returns the records compared and left out. */
async function compare(path: string, rows: readonly Row[], tallies: readonly Tally[]): Promise<readonly [compared: number, left: number]> {
  const conditions = rows.map(({ condition }) => condition)
  const [ours, theirs] = await Promise.all([
    ourMatches(path, [...conditions, 'frame.number']),
    tsharkMatches(path, [...conditions, 'frame.number', '_ws.malformed']),
  ])
  const malformed = new Set(theirs[rows.length + 1])
  const all = new Set(ours[rows.length].filter((number) => !malformed.has(number)))
  rows.forEach((_, row) => {
    const tally = tallies[row]
    const found = theirs[row]
    if (!found) {
      if (tally.unlike.length === 0) tally.unlike.push('tshark refuses it')
      return
    }
    const [mine, its] = [new Set(ours[row].filter((number) => all.has(number))), new Set(found.filter((number) => all.has(number)))]
    tally.ours += mine.size
    tally.theirs += its.size
    const unlike = [...all].filter((number) => mine.has(number) !== its.has(number))
    if (unlike.length > 0)
      tally.unlike.push(`${path.split('/').pop()}#${unlike.slice(0, 3).join(',')}${unlike.length > 3 ? ` and ${unlike.length - 3}` : ''}`)
  })
  return [all.size, (theirs[rows.length]?.length ?? 0) - all.size]
}

function generated(folder: string): string[] {
  const traffic = join(folder, 'traffic.pcap')
  const parts = [...capture({ seed: 1, frames: 5000, networks: 20, clients: 60, rate: 0, start_ms: 1_183_000_000_000 })]
  writeFileSync(traffic, Buffer.concat(parts.map(({ bytes }) => Uint8Array.from(bytes))))
  return [
    traffic,
    ...[...madeFrames()].map(([link, frames]) => {
      const path = join(folder, `${link}.pcap`)
      writeFileSync(path, pcapOf(link, frames))
      return path
    }),
  ]
}

async function main(): Promise<void> {
  const args = process.argv.slice(2)
  const given = args.filter((arg) => arg !== '--all').flatMap(filesOf)
  const folder = mkdtempSync(join(tmpdir(), 'wherry-when-'))
  try {
    const rows = tableRows()
    const tallies = rows.map((): Tally => ({ ours: 0, theirs: 0, unlike: [] }))
    let records = 0
    let left = 0
    for (const path of given.length > 0 ? given : generated(folder)) {
      const [compared, out] = await compare(path, rows, tallies)
      records += compared
      left += out
    }
    let passed = 0
    let selective = 0
    let failed = 0
    rows.forEach(({ condition, differs }, i) => {
      const { ours, theirs, unlike } = tallies[i]
      const some = theirs > 0 && theirs < records
      if (differs) console.log(`differs: ${condition}: ours ${ours}, tshark ${theirs}; ${differs}`)
      else if (unlike.length > 0 || (given.length > 1 && !some)) {
        failed++
        console.log(`${condition}: ours ${ours}, tshark ${theirs} of ${records}; ${unlike.slice(0, 4).join(' ')}`)
      } else {
        passed++
        if (some) selective++
        if (args.includes('--all')) console.log(`${condition}: ${ours}`)
      }
    })
    console.log(`${records} records, ${left} left out; ${selective} conditions match some and not all`)
    console.log(`${passed} passed, ${failed} failed`)
    process.exitCode = failed > 0 ? 1 : 0
  } finally {
    rmSync(folder, { recursive: true })
  }
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) await main()
