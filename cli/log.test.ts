import assert from 'node:assert/strict'
import { PassThrough } from 'node:stream'
import { test } from 'node:test'
import { createLog, type Level } from './log.ts'
import { statusLine, totals } from './status.ts'
import { table } from './terminal.ts'

async function logged(level: Level, format: 'text' | 'json', secrets: string[] = []): Promise<string[]> {
  const stream = new PassThrough()
  let text = ''
  stream.on('data', (data) => (text += data))
  const log = createLog({ level, format, secrets, stream })
  log.error('no hunter2 here', { password: 'hunter2', nested: { url: 'http://u:hunter2@host' } })
  log.warn('a warning', new Error('of hunter2'))
  log.info('some words')
  log.debug('much more')
  await log.close()
  return text.trimEnd().split('\n')
}

test('lines up to the level', async () => {
  assert.equal((await logged('warn', 'text')).length, 2)
  assert.equal((await logged('debug', 'text')).length, 4)
})

test('text has time, level, message, details', async () => {
  const [first, second] = await logged('info', 'text')
  assert.match(first, /^\d{4}-\d\d-\d\dT[\d:.]+Z error no hunter2 here \{"password":"hunter2"/)
  assert.match(second, /warn {2}a warning \{"error":"Error: of hunter2"\}$/)
})

test('JSON lines are JSON', async () => {
  const [first] = (await logged('info', 'json')).map((line) => JSON.parse(line))
  assert.deepEqual([first.level, first.message, first.password], ['error', 'no hunter2 here', 'hunter2'])
})

test('secrets are in no line', async () => {
  for (const format of ['text', 'json'] as const) for (const line of await logged('debug', format, ['hunter2'])) assert.ok(!line.includes('hunter2'))
})

test('the status line counts over all inputs and outputs', () => {
  const ends = {
    not_matched: 0,
    filtered: {},
    absorbed: 0,
    duplicate: 1,
    dead_lettered: 0,
    dropped: 0,
    restored: 0,
    dropped_by: {},
    held: 2,
    queued: 3,
    in_flight: 4,
  }
  const route = { route: 0, from: ['a'], output: 'o', decoded: 1500, created: 0, delivered: 1490, ...ends }
  const input = { input: 'a', read: 1500, decoded: 1500, rejected: 0, thread_deaths: 0, early_flushes: 0 }
  const now = totals({ inputs: [input], routes: [route], redelivered: {}, shed: {}, queues: [], written_today: 0 })
  assert.equal(statusLine(now, { ...now, read: 1300 }, 0.5), '400 records/s · 1,500 read · 1,491 delivered · 9 waiting')
})

test('tables align words left and numbers right', () => {
  assert.equal(
    table([
      ['input', 'read'],
      ['a', 5],
      ['b', 12345],
    ]),
    'input  read\na          5\nb      12345\n',
  )
})
