/** In a file, and so in a process, of its own: the memory is gone for good. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { capture } from '../../plugins/inputs/generate/write.ts'
import { pipelineOf } from '../../test/conformance/pipeline.ts'
import { machine } from '../event/machine/machine.ts'

test('without memory of the machine there is no fast path, and all is written', async () => {
  for (let bytes = 2 ** 25; bytes >= 64; bytes /= 2) while (machine().take(bytes) !== 0) {}
  const { pipeline } = await pipelineOf('standard', ['lines', 'bulk'])
  const options = { seed: 1, networks: 3, clients: 3, rate: 0, frames: 500, start_ms: 1_735_689_600_000 }
  const data = Buffer.concat(Array.from(capture(options), ({ bytes }) => bytes.slice()))
  const none = new Uint8Array(0)
  const request = { input: 0, stream: 's', key: new Uint8Array(8), data, context: none, offset: 0, from: 0, to: 500, flush: false, memory: undefined }
  const { parts, decoded } = pipeline.run({ ...request, progress: new Int32Array(3) })
  assert.equal(decoded, 500)
  assert.deepEqual(
    parts.map(({ count }) => count),
    [500, 500],
  )
  assert.equal(pipeline.taken, 0)
})
