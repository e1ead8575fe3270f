/** What the kit checks `set` with. */
import { envelope, frame } from '../../../core/plugin.ts'
import type { FilterSample } from '../../../test/kit/sample.ts'

export default {
  configs: [
    { fields: { 'site.name': 'roof', 'site.floor': 3, 'site.height': 12.5, 'site.outdoor': true, 'frame.len': 1, 'frame.comment': 'set' } },
    { fields: { 'event.dataset': 'long' }, when: 'frame.len > 900' },
  ],
  tables: [envelope, frame],
} satisfies FilterSample
