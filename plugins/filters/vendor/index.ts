/** Says which organisation addresses belong to, by the IEEE's registry, and which are random. */

import { Text, Texts } from '../../../core/event/texts.ts'
import type { Event, FilterPlugin } from '../../../core/plugin.ts'
import { ADDRESSES, vendors } from './fields.ts'
import { VendorTable } from './table.ts'

const config = {
  type: 'object',
  additionalProperties: false,
  properties: {
    of: {
      type: 'array',
      items: { enum: ADDRESSES },
      minItems: 1,
      uniqueItems: true,
      default: ['wlan.ta', 'kismet.mac'],
      description: 'Addresses of which the vendor is told, in a field of the same name with _vendor behind it.',
    },
    file: {
      type: 'string',
      minLength: 1,
      description: 'A table written by `wherry oui update`. Default: oui.bin in data_dir, where there is one; else the one that comes with Wherry.',
    },
  },
} as const

const LOCAL_BIT = 2 ** 41
const GROUP_BIT = 2 ** 40

export default {
  kind: 'filter',
  summary: 'Says which organisation addresses belong to, and which are random.',
  config,
  fields: [vendors],
  feed: {
    start: async ({ file }, context) => (await import('./feed.ts')).publishVendors(file, context),
  },
  create({ of }, context) {
    const { fields, feed, event: pipeline } = context
    const number = (path: string) => fields.find(path)?.number ?? -1
    const all = (of as readonly string[]).map((path) => ({
      address: number(path),
      vendor: number(`${path}_vendor`),
      random: number(`${path}_random`),
    }))
    const known = all.filter(({ address }) => address >= 0)
    let bytes: Uint8Array | undefined
    let table: VendorTable | undefined
    const texts = new Texts(pipeline)
    /** By number in the table. */
    const names = new Map<number, Text>()

    function nameOf(found: number): Text {
      let name = names.get(found)
      if (name === undefined) names.set(found, (name = new Text(table!.name(found))))
      return name
    }

    return {
      apply(event) {
        if (feed.bytes !== bytes) {
          bytes = feed.bytes
          table = bytes && new VendorTable(bytes)
          names.clear()
        }
        for (let i = 0; i < known.length; i++) {
          const { address, vendor, random } = known[i]
          const value = event.numberOf(address)
          if (Number.isNaN(value)) continue
          const local = Math.floor(value / LOCAL_BIT) % 2 === 1
          const group = Math.floor(value / GROUP_BIT) % 2 === 1
          if (random >= 0 && !group && fields.all[random]!.table === vendors) put(event, random, local ? 1 : 0, 0)
          if (local || group || table === undefined) continue
          const found = table.find(value)
          if (found < 0) continue
          const name = nameOf(found)
          put(event, vendor, texts.place(event, name), name.bytes.length)
        }
      },
    }
  },
} satisfies FilterPlugin<typeof config>

/** Another filter of this kind may have put it before, in another branch's past too. */
function put(event: Event, number: number, a: number, b: number): void {
  if (event.present(number)) event.replace(number, a, b)
  else event.put(number, a, b)
}
