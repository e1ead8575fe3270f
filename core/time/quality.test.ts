import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { config, memoryLog, numbers, output } from '../../test/plugins/config.ts'
import { collectors } from '../../test/plugins/lines.ts'
import { Shipper } from '../shipper.ts'
import { type ClockQuality, clockQuality } from './quality.ts'

/** Answers of `chronyc -c tracking`, `timedatectl show`, and whether the marker is there. */
const CASES: readonly [chrony: string | undefined, timedatectl: string | undefined, marker: boolean, ClockQuality][] = [
  [
    'A29FC801,162.159.200.1,4,1764103000.1,0.000012500,0.0,0.0,-1.2,0.0,0.01,0.02,0.001,64.2,Normal\n',
    undefined,
    false,
    { state: 'synced', offset_ns: -12_500 },
  ],
  [
    'A29FC801,162.159.200.1,4,1764103000.1,-1.5,0.0,0.0,-1.2,0.0,0.01,0.02,0.001,64.2,Insert second\n',
    undefined,
    true,
    { state: 'synced', offset_ns: 1_500_000_000 },
  ],
  ['7F7F0101,,0,0.0,0.0,0.0,0.0,0.0,0.0,0.0,1.0,1.0,0.0,Not synchronised\n', 'yes\n', true, { state: 'unsynced' }],
  ['506 Cannot talk to daemon\n', 'yes\n', true, { state: 'unknown' }],
  [undefined, 'no\n', true, { state: 'synced' }],
  [undefined, 'yes\n', false, { state: 'synced' }],
  [undefined, 'no\n', false, { state: 'unsynced' }],
  [undefined, undefined, false, { state: 'unknown' }],
]

for (const [chrony, timedatectl, marker, expected] of CASES) {
  test(`chrony: ${chrony?.trim()}, timedatectl: ${timedatectl?.trim()}, marker: ${marker} → ${expected.state}`, async () => {
    const run = async (program: string) => (program === 'chronyc' ? chrony : timedatectl)
    assert.deepEqual(await clockQuality({ run, exists: async () => marker }), expected)
  })
}

for (const [mark_clock, timedatectl, expected] of [
  ['unsynced', 'no', { state: 'unsynced' }],
  ['unsynced', 'yes', undefined],
  ['always', 'yes', { state: 'synced' }],
  ['never', 'no', undefined],
] as const) {
  test(`mark_clock: ${mark_clock} with NTPSynchronized=${timedatectl}`, async () => {
    const data_dir = await mkdtemp(join(tmpdir(), 'wherry-clock-'))
    try {
      const name = `clock-${mark_clock}-${timedatectl}`
      collectors.set(name, { lines: [] })
      const shipper = config({
        data_dir,
        shipper: { mark_clock },
        inputs: [numbers({ count: 10 })],
        outputs: [output(name)],
        routes: [{ from: ['count'], through: [], to: [name] }],
      })
      const timeServices = {
        run: async (program: string) => (program === 'timedatectl' ? `${timedatectl}\n` : undefined),
        exists: async () => false,
      }
      await new Shipper({ config: shipper, log: memoryLog(), once: true, timeServices }).run(new AbortController().signal)
      const clocks = collectors.get(name)!.lines.map(({ text }) => (JSON.parse(text) as { event: { clock?: object } }).event.clock)
      assert.equal(clocks.length, 10)
      for (const clock of clocks) assert.deepEqual(clock, expected)
    } finally {
      await rm(data_dir, { recursive: true })
    }
  })
}
