/** What the protocol says of an event beside its record, and what of a record has no field. */
import { fieldTable } from '../../../core/plugin.ts'

export const fluentd = fieldTable('fluentd', {
  tag: { path: 'fluentd.tag', type: 'text', description: 'Tag under which the event came.', source: 'forward protocol' },
  record: {
    path: 'fluentd.record',
    type: 'text',
    class: 'payload',
    description: 'Members of the record for which no plugin declares a field, or whose values do not fit it: a JSON object as text.',
    source: 'forward protocol',
  },
  metadata: {
    path: 'fluentd.metadata',
    type: 'text',
    class: 'payload',
    description: 'Metadata beside the record, which Fluent Bit sends: a JSON object as text.',
    source: 'forward protocol',
  },
})
