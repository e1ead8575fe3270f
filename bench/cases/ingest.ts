/** pcap → decoded NDJSON into a discard socket. */
import type { BenchOptions, BenchResult } from '../case.ts'
import { generated } from '../load.ts'
import { known, race } from '../race.ts'

export async function ingest(options: BenchOptions): Promise<BenchResult> {
  const { metrics, timesTcpdump, timesTshark, notes } = await race(generated(), { wherry: { output: 'discard' } }, options)
  return {
    case: 'ingest',
    metrics,
    ratios: known({ 'times tcpdump -e -nn (wall)': timesTcpdump('wherry'), 'times tshark -T ek (frames/s)': timesTshark('wherry') }),
    notes,
  }
}
