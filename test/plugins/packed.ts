/** Test output: MessagePack as an independent decoder reads it, as NDJSON, to compare with the object path. It keeps nothing. */
import { decode } from '@msgpack/msgpack'
import { machineMemory } from '../../core/event/machine/machine.ts'
import { msgpackWriter } from '../../core/event/msgpack.ts'
import { type EventObject, exactJson } from '../../core/event/object.ts'
import { ByteWriter } from '../../core/event/writer.ts'
import type { OutputPlugin } from '../../core/plugin.ts'

const config = { type: 'object', additionalProperties: false, properties: {} } as const

export default {
  kind: 'output',
  summary: 'Encodes as MessagePack and back, for tests.',
  config,
  create: () => ({ write: async () => undefined }),
  encoder: (_, context) => {
    const write = msgpackWriter(context.fields)
    // Where the machine writes too.
    const packed = new ByteWriter(machineMemory)
    return {
      format: 'packed/1',
      write: (event, into) => {
        packed.pos = 0
        write(event, packed)
        into.text(`${exactJson(decode(packed.written(), { useBigInt64: true }) as EventObject)}\n`)
      },
    }
  },
} satisfies OutputPlugin<typeof config>
