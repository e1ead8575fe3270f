/** What the kit checks `rename` with. */
import { envelope, frame } from '../../../core/plugin.ts'
import type { FilterSample } from '../../../test/kit/sample.ts'

export default {
  configs: [
    { fields: { 'frame.len': 'packet.length', 'frame.comment': 'packet.remarks', 'event.dataset': 'event.module' } },
    { fields: { 'frame.len': 'frame.cap_len', 'frame.cap_len': 'frame.len' } },
  ],
  tables: [envelope, frame],
} satisfies FilterSample
