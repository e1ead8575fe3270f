import assert from 'node:assert/strict'
import { test } from 'node:test'
import { CaptureCutter } from './cut.ts'
import { sectionOrder } from './pcapng.ts'
import { interfaceBlock, packetBlock, sectionBlock } from './pcapng-write.ts'

/** A section of one packet. */
function section(bigEndian: boolean): Uint8Array[] {
  const packet = packetBlock({ interface: 0, time: 1n, packet: new Uint8Array(20) }, bigEndian)
  return [sectionBlock(bigEndian), interfaceBlock({ linkType: 105 }, bigEndian), packet]
}

test('behind a section header whose lengths are damaged, cutter and decoder know the same byte order', () => {
  for (const bigEndian of [false, true]) {
    for (const before of [[], section(!bigEndian)]) {
      // The lowest byte of the first length, then none can be; and of the second, then they differ.
      for (const at of bigEndian ? [7, 27] : [4, 24]) {
        const [head, ...blocks] = section(bigEndian)
        head[at] ^= 1
        const start = before.reduce((sum, { length }) => sum + length, 0)
        const data = Buffer.concat([...before, head, ...blocks])
        const cutter = new CaptureCutter({ maxRecord: 1 << 20, statistics: true })
        cutter.cut(data, 0, data.length, 100)
        assert.deepEqual([cutter.stop, cutter.end], ['corrupt', start])
        // What the context of the next batch says.
        assert.equal(sectionOrder(cutter.blocks, 0), bigEndian)
        assert.equal(cutter.bigEndian, bigEndian)
        cutter.cut(data, start + head.length, data.length, 100)
        assert.deepEqual([cutter.records, cutter.stop], [1, 'more'])
        assert.equal(cutter.blocks.length, 28 + 20)
      }
    }
  }
})
