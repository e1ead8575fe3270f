/** Which elements there are, in their order: what fingerprints a device. Only `emit: full` writes it. */
import type { Event } from '../../../../core/event/event.ts'
import { type Fields, fieldTable } from '../../../../core/event/fields.ts'
import { u24be } from '../bytes.ts'
import { TAGS } from '../names/wireshark.ts'
import { putList } from '../put.ts'
import { type Chain, EXTENDED, elementId, type Family } from './chain.ts'

const full = { type: 'int', emit: 'full' } as const

export const tags = fieldTable(
  'tags',
  {
    tags: { ...full, list: true, path: 'wlan.tag.number', names: TAGS, description: 'Ids of the elements, in their order.', source: '9.4.2.1' },
    tagLengths: { ...full, list: true, path: 'wlan.tag.length', description: 'Lengths of the elements.', source: '9.4.2.1' },
    extendedTags: { ...full, list: true, path: 'wlan.ext_tag.number', description: 'Extended ids.', source: '9.4.2.1' },
    vendorOui: { ...full, list: true, path: 'wlan.tag.oui', description: 'OUIs of vendor elements.', source: '9.4.2.25' },
    vendorType: {
      ...full,
      list: true,
      path: 'wlan.tag.vendor.oui.type',
      description: 'Types of vendor elements, of those long enough.',
      source: '9.4.2.25',
    },
  },
  { repeats: true },
)

const VENDOR = 221

export const tagsFamily: Family = {
  table: tags,
  make(fields: Fields) {
    const base = fields.base(tags)
    const f = tags.at
    const numbers = (event: Event, chain: Chain) => {
      const { bytes } = event
      const { at: index, count } = chain
      putList(event, base + f.tags, count, (i) => bytes[index[i]])
      putList(event, base + f.tagLengths, count, (i) => bytes[index[i] + 1])
      let first = event.listEnd
      for (let i = 0; i < count; i++) {
        const id = elementId(bytes, index[i])
        if (id >= EXTENDED) event.push(id - EXTENDED)
      }
      if (event.listEnd > first) event.put(base + f.extendedTags, first, event.listEnd - first)
      first = event.listEnd
      for (let i = 0; i < count; i++) if (bytes[index[i]] === VENDOR && bytes[index[i] + 1] >= 3) event.push(u24be(bytes, index[i] + 2))
      if (event.listEnd > first) event.put(base + f.vendorOui, first, event.listEnd - first)
      first = event.listEnd
      for (let i = 0; i < count; i++) if (bytes[index[i]] === VENDOR && bytes[index[i] + 1] >= 4) event.push(bytes[index[i] + 5])
      if (event.listEnd > first) event.put(base + f.vendorType, first, event.listEnd - first)
    }

    return { done: numbers }
  },
}
