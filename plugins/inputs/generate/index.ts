/** Sample traffic: a neighbourhood of access points and clients as a monitor-mode adapter hears it, the same for the same seed. */
import { captureDecoder } from '../../../core/formats/capture.ts'
import type { InputContext, InputPlugin } from '../../../core/plugin.ts'
import { generate } from './generate.ts'

const config = {
  type: 'object',
  additionalProperties: false,
  properties: {
    seed: { type: 'integer', minimum: 0, maximum: 4294967295, default: 1, description: 'Another seed gives other stations and other traffic.' },
    frames: { type: 'integer', minimum: 1, description: 'End after so many frames. Without it the traffic never ends.' },
    rate: {
      type: 'number',
      minimum: 0,
      default: 200,
      description:
        'Frames per second, as time goes by; at most about 1600 for each network. 0: as fast as they are taken, with capture times that run ahead.',
    },
    networks: { type: 'integer', minimum: 1, maximum: 200, default: 40, description: 'Access points, each with a network of its own.' },
    clients: { type: 'integer', minimum: 1, maximum: 2000, default: 120, description: 'Stations that use the networks.' },
  },
} as const

export default {
  kind: 'input',
  summary: 'Makes sample WiFi traffic, to try things out without an adapter.',
  config,
  replayable: true,
  endless: ({ frames }) => frames === undefined,
  create: (options, context: InputContext) => ({ read: () => generate(options, context) }),
  decoder: (_options, { event, sensor }) => captureDecoder({ event, observer: sensor.name, statistics: false }),
} satisfies InputPlugin<typeof config>
