/** What `counts_only` emits instead of events. */
import { fieldTable } from '../../../core/plugin.ts'

const source = 'filter privacy'

export const counts = fieldTable('privacy_counts', {
  channel: { path: 'privacy.counts.channel', type: 'int', source, description: 'Channel that was counted on; absent where frames do not say.' },
  from: { path: 'privacy.counts.from', type: 'time', source, description: 'Begin of the interval.' },
  interval: { path: 'privacy.counts.interval_s', type: 'int', unit: 's', source, description: 'Length of the interval.' },
  devices: { path: 'privacy.counts.devices', type: 'int', source, description: 'Distinct transmitters that are no access points.' },
  accessPoints: {
    path: 'privacy.counts.access_points',
    type: 'int',
    source,
    description: 'Distinct transmitters of beacons and probe responses.',
  },
  frames: { path: 'privacy.counts.frames', type: 'int', source, description: 'Frames.' },
  suppressed: {
    path: 'privacy.counts.suppressed',
    type: 'bool',
    source,
    description: 'There were fewer devices than the minimum: no number is told but the interval and channel.',
  },
  shed: { path: 'privacy.counts.shed', type: 'int', source, description: 'Frames of devices beyond the limit of what is remembered; not counted.' },
})
