/** What vendor, position and a condition cost: throughput beside decoding alone, and memory while a capture grows by 20,000 frames a second. */
import type { BenchOptions, BenchResult } from '../case.ts'
import { loadOf } from '../load.ts'
import { spread } from '../process.ts'
import { race } from '../race.ts'
import { residentMemory } from './memory.ts'

const FILTERS = {
  vendor: { plugin: 'vendor' },
  where: {
    plugin: 'geo',
    position: { from: ['gpsd', 'fixed'], gpsd: '127.0.0.1:9', fixed: { lat: 52.0907, lon: 4.3113, alt: 3 } },
    geohash: 7,
    fences: { site: [{ lat: 52, lon: 4 }, { lat: 53, lon: 4 }, { lat: 53, lon: 5 }] },
  },
  // All frames of the load match, so that as many are written.
  some: { plugin: 'keep', when: 'wlan_radio.signal_dbm > -120 && !(wlan.fc.type_subtype == 0x3f)' },
}

const CONTENDERS = { decode: { output: 'discard-bulk' }, enriched: { output: 'discard-bulk', filters: FILTERS } } as const

export async function enrich(options: BenchOptions): Promise<BenchResult> {
  const { metrics, wall, notes } = await race(await loadOf(options), CONTENDERS, options, { peers: false })
  const ratio = spread(wall.decode.map((time, i) => time / wall.enriched[i])).median
  const memory = await residentMemory({ ...options, rounds: 1 }, { filters: FILTERS })
  return { case: 'enrich', metrics: { ...metrics, ...memory }, ratios: { 'enriched times decode alone (frames/s)': ratio }, notes }
}
