import { fieldTable } from '../../../core/plugin.ts'

export const dedupe = fieldTable('dedupe', {
  copies: {
    path: 'dedupe.copies',
    type: 'int',
    description: 'How often the frame was heard within the window; this event is the copy with the strongest signal.',
    source: 'filter dedupe',
  },
})
