import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Hosts } from './hosts.ts'

function hosts(...names: string[]) {
  let now = 0
  const made = new Hosts(names, { clock: { monotonic: () => now }, random: () => 0 })
  return { made, pass: (ms: number) => (now += ms) }
}

test('healthy hosts take turns, and all are tried', () => {
  const { made } = hosts('a', 'b', 'c')
  assert.deepEqual(
    [made.order(), made.order(), made.order(), made.order()].map((order) => order.join('')),
    ['abc', 'bca', 'cab', 'abc'],
  )
})

test('one that failed comes last until it has rested, longer each time', () => {
  const { made, pass } = hosts('a', 'b')
  made.failed('a')
  made.failed('a')
  assert.deepEqual(
    [made.order(), made.order()],
    [
      ['b', 'a'],
      ['b', 'a'],
    ],
  )
  pass(500)
  assert.deepEqual(made.order(), ['a', 'b'])
  made.failed('a')
  pass(999)
  assert.deepEqual(
    [made.order(), made.order()],
    [
      ['b', 'a'],
      ['b', 'a'],
    ],
  )
  pass(1)
  assert.deepEqual([made.order(), made.order()].map(([first]) => first).sort(), ['a', 'b'])
  made.failed('a')
  made.succeeded('a')
  assert.deepEqual([made.order(), made.order()].map(([first]) => first).sort(), ['a', 'b'])
})

test('when all rest, the one that has rested longest is first', () => {
  const { made, pass } = hosts('a', 'b')
  made.failed('b')
  pass(100)
  made.failed('a')
  assert.deepEqual([made.order()[0], made.order()[0]], ['b', 'b'])
})

test('hosts that stand in for each other keep their order; of those in turn the least busy comes first', () => {
  const options = { clock: { monotonic: () => 0 }, random: () => 0.9 }
  const standby = new Hosts(['a', 'b', 'c'], { ...options, failover: true })
  assert.deepEqual([standby.order().join(''), standby.order().join('')], ['abc', 'abc'])
  standby.failed('a')
  assert.equal(standby.order().join(''), 'bca')
  const load = new Map([
    ['a', 1],
    ['b', 0],
    ['c', 1],
  ])
  const shared = new Hosts(['a', 'b', 'c'], { ...options, load: (host) => load.get(host) ?? 0 })
  assert.deepEqual([shared.order()[0], shared.order()[0]], ['b', 'b'])
})

test('weights are shares of the turns, spread evenly', () => {
  const weights = new Map([
    ['a', 3],
    ['b', 1],
  ])
  const made = new Hosts(['a', 'b'], { clock: { monotonic: () => 0 }, random: () => 0, weight: (host) => weights.get(host)! })
  assert.equal(Array.from({ length: 8 }, () => made.order()[0]).join(''), 'aabaaaba')
  made.failed('a')
  assert.equal(Array.from({ length: 3 }, () => made.order()[0]).join(''), 'bbb')
  assert.deepEqual([made.rests('a'), made.rests('b')], [true, false])
})
