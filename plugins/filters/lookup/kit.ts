/** What the kit checks `lookup` with. */
import { envelope, frame } from '../../../core/plugin.ts'
import type { FilterSample } from '../../../test/kit/sample.ts'
import { packTable } from './table.ts'

export default {
  configs: [{ file: 'lengths.csv', field: 'frame.link_type', key: 'type', add: { name: 'link.name', len: 'frame.len' } }],
  tables: [envelope, frame],
  events: Array.from({ length: 40 }, (_, i) => ({ fill: (event) => event.set('frame.link_type', i % 4) })),
  feed: {
    bytes: packTable(
      new Map([
        ['0', ['none', '1']],
        ['1', ['ethernet', undefined]],
        ['2', [undefined, 'many']],
      ]),
    ),
  },
} satisfies FilterSample
