import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { Writable } from 'node:stream'
import { test } from 'node:test'
import type { Payload } from '../../../core/plugin.ts'
import { StreamOutput } from './output.ts'

function payload(id: string): Payload {
  return { id, body: Buffer.from(`{"n":"${id}"}\n`), count: 1, ends: new Uint32Array(0), records: new Uint32Array(0) }
}

const quiet = { signal: new AbortController().signal, attempt: 1 }

/** A stream whose reader takes a body when the test says so. */
function slowStream(): { stream: Writable; taken: string[]; take(error?: Error): void } {
  const taken: string[] = []
  const waiting: ((error?: Error) => void)[] = []
  const stream = new Writable({
    write: (chunk, _, done) => {
      waiting.push((error) => {
        if (!error) taken.push(String(chunk))
        done(error)
      })
    },
  })
  return { stream, taken, take: (error) => waiting.shift()?.(error) }
}

test('write resolves when the bytes are taken; the same id joins what is under way, also after an abort', async () => {
  const { stream, taken, take } = slowStream()
  const output = new StreamOutput(stream)
  const abort = new AbortController()
  const first = output.write(payload('a'), { signal: abort.signal, attempt: 1 })
  abort.abort(new Error('stop'))
  await assert.rejects(first, /stop/)
  const again = output.write(payload('a'), quiet)
  assert.deepEqual(taken, [])
  take()
  await again
  assert.deepEqual(taken, ['{"n":"a"}\n'])
  await assert.rejects(output.write(payload('b'), { signal: abort.signal, attempt: 1 }), /stop/)
  await output.close()
  assert.equal(stream.listenerCount('error'), 0)
})

test('what is under way at close may still fail without harm', async () => {
  const { stream, take } = slowStream()
  const output = new StreamOutput(stream)
  const write = output.write(payload('a'), quiet)
  await output.close()
  take(new Error('disk gone'))
  await assert.rejects(write, /standard output: disk gone/)
})

test('a reader that goes away is an error in plain words, each time, and not the end of the process', async () => {
  const script = `
    import { StreamOutput } from ${JSON.stringify(new URL('./output.js', import.meta.url).href)}
    const output = new StreamOutput(process.stdout)
    const payload = (id) => ({ id, body: Buffer.alloc(1000000) })
    const errors = []
    for (const id of ['a', 'b']) await output.write(payload(id), { signal: new AbortController().signal }).catch((e) => errors.push(e.code + ': ' + e.message))
    process.stderr.write(JSON.stringify(errors))`
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: ['ignore', 'pipe', 'pipe'] })
  child.stdout.destroy()
  let text = ''
  child.stderr.on('data', (chunk) => (text += chunk))
  await once(child, 'close')
  const message = 'EPIPE: the reader of standard output has gone'
  assert.deepEqual(JSON.parse(text), [message, message])
})
