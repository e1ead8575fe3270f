/**
 * What a condition costs: the same frames with none, with one of two fields that all of them match, so that as much is written, and with one that few match.
 * One worker, into a discard socket.
 */
import type { BenchOptions, BenchResult } from '../case.ts'
import { generated } from '../load.ts'
import { spread } from '../process.ts'
import { race } from '../race.ts'

const CONTENDERS = {
  none: { output: 'discard' },
  'two fields': { output: 'discard', when: 'wlan.fc.type_subtype != 0x3f && wlan_radio.signal_dbm > -127' },
  'few match': { output: 'discard', when: 'wlan.fc.type_subtype == 0x0c && wlan_radio.signal_dbm > -70' },
} as const

export async function when(options: BenchOptions): Promise<BenchResult> {
  const { metrics, wall, notes } = await race(generated(), CONTENDERS, options, { peers: false })
  const cost = (name: keyof typeof CONTENDERS) => spread(wall[name].map((time, i) => time / wall.none[i])).median
  return {
    case: 'when',
    metrics,
    ratios: { 'two fields, all kept, times no condition (wall)': cost('two fields'), 'two fields, few kept, times no condition (wall)': cost('few match') },
    notes,
  }
}
