/** What the kit checks `remove` with. */
import { envelope, frame } from '../../../core/plugin.ts'
import type { FilterSample } from '../../../test/kit/sample.ts'

export default {
  configs: [{ fields: ['frame.len', 'event.dataset'] }, { fields: ['frame.*', 'event.*'] }],
  tables: [envelope, frame],
} satisfies FilterSample
