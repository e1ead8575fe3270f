/** One round of the legacy generation: damaged lines among good ones, through the reader of lines and both halves. */
import { EventEmitter } from 'node:events'
import type { Socket } from 'node:net'
import { Backlog } from '../../plugins/inputs/kismet/backlog.ts'
import { Cursor, readPlace } from '../../plugins/inputs/kismet/cursor.ts'
import { Intake } from '../../plugins/inputs/kismet/intake.ts'
import { LineIntake } from '../../plugins/inputs/kismet/legacy/intake.ts'
import { readLines } from '../../plugins/inputs/kismet/legacy/lines.ts'
import type { Source } from '../../plugins/inputs/kismet/records.ts'
import type { Random } from '../kit/random.ts'
import type { KismetCheck } from './kismet-check.ts'
import { SUBSCRIBED } from './kismet-samples.ts'

const LINES = 60
const LONGEST = 4096
const NOW = 1_800_000_000
const SOURCE: Source = { address: 'a', generation: 'legacy', start: NOW - 100, sentences: SUBSCRIBED }
/** Bytes that mean something to the protocol. */
const TELLING = [0, 1, 10, 13, 32, 42, 44, 45, 46, 48, 57, 58, 92, 101, 127, 128, 255]

interface Run {
  /** For each line what came of it; nothing for a repeat. */
  readonly results: (string | undefined)[]
}

/** A run of the input's main half, fed with the bytes in these pieces. */
function run(check: KismetCheck, pieces: readonly Buffer[]): Run {
  const backlog = new Backlog(1 << 26, new Cursor(undefined))
  const intake = new Intake(backlog, undefined)
  intake.begin(SOURCE, Object.keys(SUBSCRIBED).join())
  intake.tick(NOW)
  const lines = new LineIntake(intake, true)
  for (const [name, fields] of Object.entries(SUBSCRIBED)) lines.subscribe(name, fields)
  for (const name of Object.keys(SUBSCRIBED)) lines.acknowledged(name)
  lines.complete()
  const socket = new EventEmitter()
  readLines(socket as Socket, LONGEST, {
    line: (bytes, from, to) => {
      if (!lines.line(bytes, from, to)) lines.garbage(bytes, from, to)
    },
    long: () => undefined,
    piece: () => undefined,
    closed: () => undefined,
  })
  for (const piece of pieces) socket.emit('data', piece)
  return { results: drain(check, backlog) }
}

/** All that is in it. */
export function drain(check: KismetCheck, backlog: Backlog): (string | undefined)[] {
  const results: (string | undefined)[] = []
  for (let batch = backlog.next(); batch; batch = backlog.next()) {
    results.push(...check.decode(batch))
    if (!readPlace(JSON.parse(JSON.stringify(batch.next)))) throw new Error('a position that cannot be read back')
  }
  return results
}

function damaged(line: string, others: readonly string[], random: Random): string {
  const bytes = Buffer.from(line, 'latin1')
  const at = random.below(bytes.length + 1)
  const to = Math.min(bytes.length, at + random.below(12))
  const text = (from: number, end?: number) => bytes.toString('latin1', from, end)
  switch (random.below(8)) {
    case 0:
      return text(0, at)
    case 1:
      return text(0, at) + text(to)
    case 2:
      return text(0, to) + text(at)
    case 3:
      return text(0, at) + random.pick(others).slice(random.below(40))
    case 4:
      return text(0, at) + '9'.repeat(random.below(400)) + text(at)
    case 5:
      return `${text(0, at)} ${text(at)}`
    default:
      for (let i = 1 + random.below(4); i > 0 && bytes.length > 0; i--)
        bytes[random.below(bytes.length)] = random.chance(0.7) ? random.pick(TELLING) : random.below(256)
      return bytes.toString('latin1')
  }
}

function cut(bytes: Buffer, random: Random): Buffer[] {
  const pieces: Buffer[] = []
  for (let at = 0; at < bytes.length; ) {
    const end = Math.min(bytes.length, at + 1 + random.below(random.chance(0.3) ? 20 : 3000))
    pieces.push(Buffer.from(bytes.subarray(at, end)))
    at = end
  }
  return pieces
}

export function legacyRound(check: KismetCheck, samples: readonly string[], random: Random): void {
  const mixed: { text: string; good: boolean }[] = []
  for (let i = 0; i < LINES; i++) {
    const line = random.pick(samples)
    // Only lines of one state each: a second one of the same record may be left out.
    const good = random.chance(0.4)
    const text = good ? `*STATUS: \x01good ${i} ${random.below(1e9)}\x01 ${i} ` : damaged(line, samples, random)
    mixed.push({ text, good })
  }
  const bytes = Buffer.from(mixed.map(({ text }) => `${text}${random.chance(0.1) ? '\r\n' : '\n'}`).join(''), 'latin1')
  const whole = run(check, cut(bytes, random))
  if (run(check, [bytes]).results.join('\n') !== whole.results.join('\n')) throw new Error('the result depends on how the bytes were cut')
  // Damage may have put a line's end into a line, never taken one away: all good ones are there, as they are alone.
  const alone = run(check, [Buffer.from(mixed.flatMap(({ text, good }) => (good ? [`${text}\n`] : [])).join(''), 'latin1')])
  const came = new Set(whole.results)
  for (const one of alone.results) if (one === undefined || !came.has(one)) throw new Error(`a good line did not come out as it does alone: ${one}`)
}
