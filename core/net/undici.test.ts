import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { test } from 'node:test'
import { getHeapStatistics, setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { Agent, request } from './undici.ts'

test('the parser of answers is never optimised, which takes 40 MB', async () => {
  // However late the first request comes.
  setFlagsFromString('--expose-gc')
  runInNewContext('gc')()
  const server = createServer((_, response) => response.end('x'.repeat(20_000))).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const dispatcher = new Agent()
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
  for (let i = 0; i < 2000; i++) {
    const { body } = await request(url, { dispatcher, method: 'GET' })
    await body.dump()
  }
  await dispatcher.close()
  server.close()
  assert.ok(getHeapStatistics().peak_malloced_memory < 20 * 2 ** 20, `${getHeapStatistics().peak_malloced_memory} bytes`)
})
