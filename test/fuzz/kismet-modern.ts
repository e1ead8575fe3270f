/** Rounds of the modern generation: damaged objects through both halves, and damaged replies through the splitter. */
import { Backlog } from '../../plugins/inputs/kismet/backlog.ts'
import { Cursor } from '../../plugins/inputs/kismet/cursor.ts'
import { Intake } from '../../plugins/inputs/kismet/intake.ts'
import { ObjectIntake } from '../../plugins/inputs/kismet/modern/intake.ts'
import { ObjectSplitter } from '../../plugins/inputs/kismet/modern/split.ts'
import { KIND, type Source } from '../../plugins/inputs/kismet/records.ts'
import { Sensor } from '../../plugins/inputs/kismet/sensor.ts'
import { ManualClock } from '../kit/clock.ts'
import type { Random } from '../kit/random.ts'
import type { Json } from '../peers/kismet-modern/choose.ts'
import type { KismetCheck } from './kismet-check.ts'
import { drain } from './kismet-legacy.ts'
import type { SampleObject } from './kismet-samples.ts'

const OBJECTS = 40
const NOW = 1_800_000_000
const SOURCE: Source = { address: 'a', generation: 'modern', start: NOW - 100, sentences: {} }
/** What may stand where something else should. */
const ODD: readonly Json[] = [
  0,
  1,
  -1,
  1e300,
  -1e300,
  2 ** 53,
  2 ** 64,
  0.1,
  1e-9,
  NOW,
  '',
  '0',
  'x'.repeat(300),
  '\ud800',
  '\0',
  '\\262\\342',
  '6HT40',
  'FF:FF:FF:FF:FF:FF',
  true,
  false,
  null,
  [],
  {},
  [[]],
  [0, 0],
  [1e9, -1e9],
  { a: { b: [1] } },
]
const NAMES = ['__proto__', 'constructor', 'toString', 'kismet.device.base.key', 'ALERT', 'DEVICE_BASEDEV', '', 'a.b', 'field.unknown.not.registered']

/** Another value, member or list somewhere in it. */
function changed(json: Json, random: Random): Json {
  if (json === null || typeof json !== 'object' || random.chance(0.05)) return random.pick(ODD)
  if (Array.isArray(json)) {
    if (json.length === 0 || random.chance(0.2)) return [...json, random.pick(ODD)]
    const at = random.below(json.length)
    return json.map((one, i) => (i === at ? changed(one as Json, random) : one)) as Json
  }
  const members = Object.entries(json)
  if (members.length === 0 || random.chance(0.1)) return Object.fromEntries([...members, [random.pick(NAMES), random.pick(ODD)]])
  const at = random.below(members.length)
  if (random.chance(0.1)) return Object.fromEntries(members.filter((_, i) => i !== at))
  if (random.chance(0.1)) return Object.fromEntries(members.map(([name, value], i) => [i === at ? name.replaceAll('.', '_') : name, value]))
  return Object.fromEntries(members.map(([name, value], i) => [name, i === at ? changed(value, random) : value]))
}

function flipped(text: string, random: Random): Buffer {
  const bytes = Buffer.from(text)
  for (let i = 1 + random.below(3); i > 0 && bytes.length > 0; i--) bytes[random.below(bytes.length)] = random.below(256)
  return random.chance(0.3) ? bytes.subarray(0, random.below(bytes.length + 1)) : bytes
}

function damaged(json: Json, random: Random): Buffer {
  let made = json
  for (let i = 1 + random.below(4); i > 0; i--) made = changed(made, random)
  const text = JSON.stringify(made)
  return random.chance(0.25) ? flipped(text, random) : Buffer.from(text)
}

export async function modernRound(check: KismetCheck, samples: readonly SampleObject[], random: Random): Promise<void> {
  const clock = new ManualClock(NOW * 1000)
  const backlog = new Backlog(1 << 26, new Cursor(undefined))
  const intake = new Intake(backlog, undefined)
  intake.begin(SOURCE, '')
  intake.tick(NOW)
  intake.complete()
  const objects = new ObjectIntake(intake, new Sensor({ address: 'a', generation: 'modern', silent_s: 60, intake, clock }))
  const listed = random.chance(0.5) ? new Map<string, number>() : undefined
  let good = 0
  for (let i = 0; i < OBJECTS; i++) {
    if (random.chance(0.3)) {
      good++
      objects.message(
        Buffer.from(JSON.stringify({ 'kismet.messagebus.message_string': `good ${i}`, 'kismet.messagebus.message_time': NOW + i })),
        listed,
      )
      continue
    }
    const { kind, json } = random.pick(samples)
    const bytes = damaged(json, random)
    if (kind === KIND.device) objects.device(bytes, random.chance(0.5))
    else if (kind === KIND.alert) objects.alert(bytes)
    else if (kind === KIND.message) objects.message(bytes, listed)
    else if (kind === KIND.source) objects.source(bytes)
    else objects.bus(bytes, listed)
  }
  const came = drain(check, backlog).filter((text) => text?.includes('"text":"good ')).length
  if (came !== good) throw new Error(`${came} of ${good} good messages came out`)
}

/** Only a SyntaxError may come out of the splitter, and of a whole reply every object. */
export function splitterRound(samples: readonly SampleObject[], random: Random): void {
  const list = Array.from({ length: 5 }, () => random.pick(samples).json)
  const text = JSON.stringify(random.chance(0.5) ? list : { 'kismet.list': list, time: 1 })
  const whole = random.chance(0.3)
  const bytes = whole ? Buffer.from(text) : flipped(text, random)
  let count = 0
  const splitter = new ObjectSplitter(1 << 20, { object: () => void count++, long: () => undefined })
  try {
    for (let at = 0; at < bytes.length; ) {
      const end = at + 1 + random.below(5000)
      splitter.push(Buffer.from(bytes.subarray(at, end)))
      at = end
    }
  } catch (error) {
    if (!(error instanceof SyntaxError) || whole) throw error
    return
  }
  if (whole && (count !== list.length || !splitter.whole)) throw new Error(`${count} of ${list.length} objects of a whole reply`)
}
