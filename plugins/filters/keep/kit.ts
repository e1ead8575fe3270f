/** What the kit checks `keep` with. */
import { envelope, frame } from '../../../core/plugin.ts'
import type { FilterSample } from '../../../test/kit/sample.ts'

export default {
  configs: [{ when: 'frame.len > 900' }, { when: 'not frame.comment contains "line" or frame.number & 1' }],
  tables: [envelope, frame],
} satisfies FilterSample
