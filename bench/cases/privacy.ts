/** What privacy costs: the same capture decoded with and without it, into a discard socket. */
import type { BenchOptions, BenchResult } from '../case.ts'
import { generated } from '../load.ts'
import { spread } from '../process.ts'
import { race } from '../race.ts'

const CONTENDERS = {
  decode: { output: 'discard-bulk' },
  privacy: { output: 'discard-bulk', filters: { hide: { plugin: 'privacy' } } },
} as const

export async function privacy(options: BenchOptions): Promise<BenchResult> {
  const { metrics, wall, notes } = await race(generated(), CONTENDERS, options, { peers: false })
  const ratio = spread(wall.decode.map((time, i) => time / wall.privacy[i])).median
  return { case: 'privacy', metrics, ratios: { 'privacy times decode alone (frames/s)': ratio }, notes }
}
