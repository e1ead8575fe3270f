/** Sample events with random values, and what is needed to run pure halves over them. */
import type { Event } from '../../core/event/event.ts'
import type { Fields, KnownField } from '../../core/event/fields.ts'
import { exactJson, toObject } from '../../core/event/object.ts'
import type { Value } from '../../core/plugin.ts'
import { Random } from './random.ts'
import type { SampleEvent } from './sample.ts'

const FIRST_SECOND = 1_700_000_000
const KEY = new Uint8Array(8).fill(7)
const NO_BYTES = new Uint8Array(0)
const TEXTS = ['', 'plain', 'grüße', '"quoted\\"', 'line\nbreak\t\u0000\u007f', '😀 \u2028', 'x'.repeat(300)]
const ADDRESSES = ['10.0.0.1', '255.255.255.255', 'fe80::1', '2001:db8::8:800:200c:417a', '::']
const NUMBERS = [0, 1, -1, 7, 999, 1000, 1e6, 2 ** 31, -(2 ** 31), Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER]
const FLOATS = [0, 0.5, -0.1, 1e-7, 1e21, 123456.789, Number.MAX_VALUE]
const U64S = [0n, 1n, 2n ** 32n, 2n ** 53n + 1n, 2n ** 64n - 1n]

/** Events with random values in a random choice of all fields. */
export function randomEvents(fields: Fields, count: number, seed = 1): SampleEvent[] {
  const random = new Random(seed)
  const known = fields.all.filter((field) => field !== undefined).filter((field) => field.table.name !== 'envelope')
  return Array.from({ length: count }, (_, n) => {
    const rate = [0, 1, 0.5][n % 3]
    const values = known.filter(() => random.chance(rate)).map((field) => [field, randomValue(field, random)] as const)
    return {
      fill: (event) => {
        for (const [field, value] of values) event.setField(field, value)
      },
    }
  })
}

function randomValue(field: KnownField, random: Random): Value {
  if (!field.list) return one(field, random)
  return Array.from({ length: random.below(4) }, () => one(field, random))
}

function one(field: KnownField, random: Random): Value {
  const hex = (length: number) => Buffer.from(random.bytes(length)).toString('hex')
  switch (field.type) {
    case 'bool':
      return random.chance(0.5)
    case 'int':
      return random.pick(NUMBERS)
    case 'float':
      return random.pick(FLOATS)
    case 'u64':
      return random.pick(U64S)
    case 'mac':
      return hex(6)
    case 'text':
      return random.pick(TEXTS)
    case 'bytes':
      return hex(random.below(20))
    case 'ip':
      return random.pick(ADDRESSES)
    case 'time':
      return `${new Date(random.below(4e9) * 1000).toISOString().slice(0, 19)}.${String(random.below(1e9)).padStart(9, '0')}Z`
    case 'name':
      return random.pick([0, 255, 65535, ...Object.keys(field.names ?? {}).map(Number)])
    case 'point':
      return { lat: random.next() * 180 - 90, lon: random.next() * 360 - 180 }
    case 'id':
      return '-'.repeat(31) + random.pick(['-', 'z'])
  }
}

/** Opens the event as the record with this number, from 1, and fills it. Whatever was in it before is garbage now. */
export function openSample(event: Event, sample: SampleEvent, number: number): void {
  event.open(sample.bytes ?? NO_BYTES)
  poison(event)
  event.record(FIRST_SECOND + number, number, KEY, number)
  sample.fill(event)
}

/** Makes everything that a just opened event does not own any more unmistakably wrong, for whoever kept a place or a view. Constants stay. */
export function poison(event: Event): void {
  event.a.fill(Number.NaN)
  event.b.fill(Number.NaN)
  event.list.fill(Number.NaN)
  event.arena.fill(0xa5, event.arenaEnd)
}

/** All that is written of an event, as text. */
export function eventText(event: Event): string {
  event.forceShown()
  return exactJson(toObject(event))
}

/** Values of every present field by path, whether written or not. */
export function allValues(event: Event): Map<string, string> {
  event.force(event.pending)
  const values = new Map<string, string>()
  for (const [field, value] of event.hold().values) values.set(field.path, exactJson(value))
  return values
}
