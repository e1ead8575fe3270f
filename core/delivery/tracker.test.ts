import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { type Ticket, Tracker } from './tracker.ts'

test('the checkpoint moves over the longest settled run and never over an open ticket', () => {
  const step = fc.oneof(
    fc.record({ do: fc.constant('open' as const), stream: fc.constantFrom('a', 'b') }),
    fc.record({ do: fc.constant('add' as const), ticket: fc.nat() }),
    fc.record({ do: fc.constant('done' as const), ticket: fc.nat() }),
  )
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
      const moved = new Map<string, number>()
      const tracker = new Tracker(({ stream, cut }) => {
        const at = cut.position!.at as number
        assert.ok(at > (moved.get(stream) ?? 0), 'only forward')
        moved.set(stream, at)
      })
      const model: { ticket: Ticket; stream: string; at: number; open: number }[] = []
      for (const { do: what, ...choice } of steps) {
        if ('stream' in choice) {
          const at = model.length + 1
          model.push({ ticket: tracker.open(choice.stream, { position: { at }, skip: 0 }, true), stream: choice.stream, at, open: 1 })
          continue
        }
        const open = model.filter((entry) => entry.open > 0)
        if (open.length === 0) continue
        const entry = open[choice.ticket % open.length]
        if (what === 'add') {
          entry.ticket.add(2)
          entry.open += 2
        } else {
          entry.ticket.done(1)
          entry.open--
        }
        for (const stream of ['a', 'b']) {
          const own = model.filter((other) => other.stream === stream)
          const firstOpen = own.findIndex((other) => other.open > 0)
          const settled = firstOpen < 0 ? own : own.slice(0, firstOpen)
          assert.equal(moved.get(stream), settled.at(-1)?.at)
        }
        const unsettled = ['a', 'b'].flatMap((stream) => {
          const own = model.filter((other) => other.stream === stream)
          const firstOpen = own.findIndex((other) => other.open > 0)
          return firstOpen < 0 ? [] : own.slice(firstOpen)
        })
        assert.equal(tracker.unsettled, unsettled.length)
      }
    }),
  )
})

test('idle resolves with the last ticket, and at once when there is none', async () => {
  const tracker = new Tracker(() => undefined)
  await tracker.idle()
  const ticket = tracker.open('a', { position: undefined, skip: 0 }, true)
  let idle = false
  const waiting = tracker.idle().then(() => (idle = true))
  await Promise.resolve()
  assert.equal(idle, false)
  ticket.done(1)
  await waiting
  assert.throws(() => ticket.done(1), /settled more than was opened/)
})
