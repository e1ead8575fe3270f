import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { appendFileSync, closeSync, openSync, truncateSync, writeFileSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { test } from 'node:test'
import { gzipSync } from 'node:zlib'
import pcap from './index.ts'
import { capture, Run, range, records, scratch } from './testing.ts'

/** A program that writes what stands in a file, in pieces. */
function program(path: string, code = 0): string[] {
  const script = `
    const bytes = require('fs').readFileSync(process.argv[1])
    for (let at = 0; at < bytes.length; at += 1000) require('fs').writeSync(1, bytes.subarray(at, at + 1000))
    console.error('wrote it all')
    process.exitCode = ${code}`
  return [process.execPath, '-e', script, path]
}

test('a program: its output is read, its words are logged, its end ends the input', async () => {
  const path = join(scratch(), 'a')
  writeFileSync(path, capture(0, 3000))
  const run = await new Run({ command: program(path) }, { once: true }).all()
  assert.deepEqual(run.tags, range(0, 3000))
  assert.match(run.logs.join(), /info .*node: wrote it all/)
  // The same bytes in a file are the same stream.
  const file = await new Run({ path }, { once: true }).all()
  assert.deepEqual(
    run.got.map((one) => one.id),
    file.got.map((one) => one.id),
  )
})

test('a program is started again when it ends', async () => {
  const path = join(scratch(), 'a')
  writeFileSync(path, capture(0, 3))
  const run = new Run({ command: program(path, 3) })
  run.start()
  await run.until(() => run.got.length >= 9)
  await run.stop()
  assert.deepEqual(run.tags.slice(0, 9), [0, 1, 2, 0, 1, 2, 0, 1, 2])
  assert.match(run.logs.join(), /ended with 3/)
  assert.match(run.logs.join(), /is started again in 1 s/)
})

test('a program that writes no capture, ends inside a record, or is not there', async () => {
  const path = join(scratch(), 'a')
  writeFileSync(path, 'tcpdump: permission denied')
  assert.match((await new Run({ command: program(path) }, { once: true }).all()).logs.join(), /error .*is not a capture/)
  writeFileSync(path, capture(0, 3).subarray(0, 100))
  const torn = await new Run({ command: program(path) }, { once: true }).all()
  assert.deepEqual(torn.tags, [0])
  assert.match(torn.logs.join(), /at offset 80 the last one lacks 36 bytes/)
  assert.match((await new Run({ command: ['/does/not/exist'] }, { once: true }).all()).logs.join(), /warn .*cannot be started/)
})

test('a stop lets a program write its last packets', async () => {
  const path = join(scratch(), 'a')
  writeFileSync(path, capture(0, 2))
  const script = `
    const fs = require('fs'), bytes = fs.readFileSync(process.argv[1])
    fs.writeSync(1, bytes.subarray(0, 80))
    process.on('SIGTERM', () => { fs.writeSync(1, bytes.subarray(80)); process.exit(0) })
    setInterval(() => {}, 1000)`
  const run = new Run({ command: [process.execPath, '-e', script, path] })
  run.start()
  await run.until(() => run.got.length === 1)
  await run.stop()
  assert.deepEqual(run.tags, [0, 1])
})

test('a FIFO: one writer after the other, and nothing to wait for on a stop', async () => {
  const path = join(scratch(), 'fifo')
  execFileSync('mkfifo', [path])
  assert.equal(pcap.replayable({ path, follow: true, start_at: 'beginning', after: 'keep', statistics: true }), false)
  const run = new Run({ path })
  run.start()
  for (const first of [0, 100]) {
    await run.until(() => run.clock.sleepers.size > 0)
    const fd = openSync(path, 'w')
    writeSync(fd, capture(first, first + 10))
    await run.until(() => run.tags.includes(first + 9))
    writeSync(fd, records(first + 10, first + 12))
    closeSync(fd)
    await run.until(() => run.tags.includes(first + 11))
  }
  assert.deepEqual(run.tags, [...range(0, 12), ...range(100, 112)])
  await run.stop()
})

test('what can be read again', () => {
  const options = { follow: true, start_at: 'beginning', after: 'keep', statistics: true } as const
  assert.equal(pcap.replayable({ ...options, path: '/var/lib/*.pcap' }), true)
  assert.equal(pcap.replayable({ ...options, path: ['a', '-'] }), false)
  assert.equal(pcap.replayable({ ...options, command: ['tcpdump'] }), false)
})

test('standard input together with files is refused', async () => {
  await assert.rejects(new Run({ path: ['-', 'a.pcap'] }, { once: true }).all(), /an input of its own/)
})

test('gzip: several members, and members that are added later', async () => {
  const path = join(scratch(), 'a.gz')
  const all = capture(0, 400)
  writeFileSync(path, Buffer.concat([gzipSync(all.subarray(0, 100)), gzipSync(all.subarray(100, 5000))]))
  const run = new Run({ path })
  run.start()
  await run.step()
  assert.equal(run.got.length, Math.floor((5000 - 24) / 56))
  appendFileSync(path, gzipSync(all.subarray(5000)))
  await run.step()
  assert.deepEqual(run.tags, range(0, 400))
  await run.stop()
})

test('gzip: goes on after every batch', async () => {
  const path = join(scratch(), 'a.gz')
  writeFileSync(path, gzipSync(capture(0, 200)))
  const whole = await new Run({ path }, { once: true, leaseBytes: 1000 }).all()
  for (const batch of whole.batches) {
    const rest = await new Run({ path }, { once: true, positions: new Map([[batch.stream, batch.next]]) }).all()
    assert.deepEqual(rest.tags, range(Number(batch.next.frames), 200))
  }
})

test('gzip that is cut short or damaged: what can be inflated is delivered, the rest is said', async () => {
  const path = join(scratch(), 'a.gz')
  writeFileSync(path, gzipSync(capture(0, 5000, 200), { level: 1 }))
  const whole = (await new Run({ path }, { once: true }).all()).tags
  assert.equal(whole.length, 5000)
  const size = gzipSync(capture(0, 5000, 200), { level: 1 }).length
  truncateSync(path, Math.floor(size / 2))
  const cut = await new Run({ path }, { once: true, positions: new Map() }).all()
  assert.ok(cut.got.length > 1000 && cut.got.length < 4000, String(cut.got.length))
  assert.deepEqual(cut.tags, range(0, cut.got.length))
  assert.match(cut.logs.join(), /cut short or damaged/)
})

test('gzip that inflates a thousandfold is read in bounded memory', async () => {
  const path = join(scratch(), 'a.gz')
  const big = Buffer.concat([capture(0, 2), records(2, 3, 250_000)])
  writeFileSync(path, gzipSync(Buffer.concat([big, ...range(3, 200).map((n) => records(n, n + 1, 250_000))])))
  const before = process.memoryUsage().arrayBuffers
  let most = 0
  const run = new Run({ path }, { once: true })
  run.start()
  await run.until(() => {
    most = Math.max(most, process.memoryUsage().arrayBuffers - before)
    return run.done
  })
  assert.deepEqual(run.tags, range(0, 200))
  assert.ok(most < 40e6, `${most} bytes`)
})

test('a stream is paused while nobody asks', async () => {
  const { readStream } = await import('./stream.ts')
  const readable = new PassThrough({ highWaterMark: 1000 })
  readable.write(capture(0, 5))
  const run = new Run({})
  const context = {
    name: 'air',
    clock: run.clock,
    signal: new AbortController().signal,
    once: false,
    max_record_bytes: 1e6,
    lease: () => new Uint8Array(56 * 3),
    position: () => undefined,
    streams: () => [],
    skipped: () => {},
    log: { error: () => {}, warn: () => {}, info: () => {}, debug: () => {} },
  }
  const batches = readStream(readable, { context, statistics: true, name: 'test' })
  const first = await batches.next()
  assert.equal(first.value?.records, 2)
  let accepted = true
  for (let i = 0; i < 100 && accepted; i++) accepted = readable.write(records(i, i + 1))
  assert.equal(accepted, false)
  await batches.return()
})
