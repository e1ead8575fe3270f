/**
 * pcap → `_bulk` of Elasticsearch into a discard socket: the fields people search and all fields, with one worker, two and none. On generated traffic and,
 * with `--captures FOLDER`, on the captures there one behind the other.
 */
import type { BenchOptions, BenchResult } from '../case.ts'
import { loadOf } from '../load.ts'
import { spread } from '../process.ts'
import { known, race } from '../race.ts'

const CONTENDERS = {
  standard: { output: 'discard-bulk' },
  full: { output: 'discard-bulk', emit: 'full' },
  'two workers': { output: 'discard-bulk', threads: 2 },
  'no worker': { output: 'discard-bulk', threads: 0 },
} as const

export async function decode(options: BenchOptions): Promise<BenchResult> {
  const load = await loadOf(options)
  const { metrics, wall, timesTcpdump, timesTshark, notes } = await race(load, CONTENDERS, options)
  const against = (name: keyof typeof CONTENDERS) => spread(wall.standard.map((time, i) => time / wall[name][i])).median
  return {
    case: 'decode',
    metrics,
    ratios: known({
      'standard times tcpdump -e -nn (wall)': timesTcpdump('standard'),
      'standard times tshark -T ek (frames/s)': timesTshark('standard'),
      'full times tshark -T ek (frames/s)': timesTshark('full'),
      'two workers times one (wall)': against('two workers'),
      'no worker times one (wall)': against('no worker'),
    }),
    notes,
  }
}
