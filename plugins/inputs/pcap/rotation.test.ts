import assert from 'node:assert/strict'
import { appendFileSync, existsSync, readdirSync, readFileSync, renameSync, unlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { capture, Run, range, records, scratch } from './testing.ts'

const action = fc.oneof(
  { weight: 5, arbitrary: fc.record({ kind: fc.constant('append' as const), count: fc.integer({ min: 1, max: 30 }), cut: fc.nat(55) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('rotate' as const) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('compress' as const) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('restart' as const) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('wait' as const), seconds: fc.integer({ min: 1, max: 8 }) }) },
)

test('growth, rotation, compression and restarts in any order: every record once, no gap', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(action, { minLength: 1, maxLength: 20 }), fc.integer({ min: 60, max: 2000 }), async (actions, leaseBytes) => {
      const folder = scratch()
      const path = join(folder, 'air.pcap')
      const got: number[] = []
      const ids = new Set<string>()
      let written = 0
      let rotated = 0
      let rest: Uint8Array = new Uint8Array(0)
      let run = new Run({ path: join(folder, 'air*') }, { leaseBytes })
      const stop = async (): Promise<void> => {
        await run.stop()
        assert.deepEqual(run.logs, [])
        got.push(...run.got.map((one) => one.tag))
        for (const one of run.got) ids.add(one.id)
      }
      run.start()
      for (const one of actions) {
        if (one.kind === 'append') {
          const fresh = existsSync(path) ? records(written, written + one.count) : capture(written, written + one.count)
          const bytes = Buffer.concat([rest, fresh])
          rest = bytes.subarray(bytes.length - one.cut)
          appendFileSync(path, bytes.subarray(0, bytes.length - one.cut))
          written += one.count
        } else if (one.kind === 'rotate' && existsSync(path)) {
          renameSync(path, `${path}.${++rotated}`)
          appendFileSync(`${path}.${rotated}`, rest)
          rest = new Uint8Array(0)
        } else if (one.kind === 'compress') {
          const old = readdirSync(folder).find((name) => /[.]\d+$/.test(name))
          if (old) {
            writeFileSync(join(folder, `${old}.gz`), gzipSync(readFileSync(join(folder, old))))
            unlinkSync(join(folder, old))
          }
        } else if (one.kind === 'restart') {
          await stop()
          run = new Run({ path: join(folder, 'air*') }, { leaseBytes, positions: run.positions })
          run.start()
        } else if (one.kind === 'wait') await run.steps(one.seconds)
      }
      if (existsSync(path)) appendFileSync(path, rest)
      await run.steps(12)
      await stop()
      assert.deepEqual(
        got.sort((a, b) => a - b),
        range(0, written),
      )
      assert.equal(ids.size, written)
    }),
    { numRuns: 40 },
  )
})
