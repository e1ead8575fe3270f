/** The Kismet input: both generations of Kismet, from the line protocol of 2009 to the websockets of today. */
import { kismetGps } from '../../../core/formats/kismet-gps.ts'
import { warnInsecure } from '../../../core/net/tls.ts'
import { envelope, frame, type InputPlugin } from '../../../core/plugin.ts'
import { config } from './config.ts'
import { kismetDecoder } from './decode.ts'
import { kismetGap, kismetRecord, kismetServer } from './fields.ts'

export default {
  kind: 'input',
  summary: 'Reads networks, clients, devices, alerts, positions and states from a running Kismet of any generation, and its frames.',
  config,
  fields: [envelope, frame, kismetRecord, kismetGps, kismetServer, kismetGap],
  replayable: false,
  endless: ({ frames }) => frames !== 'none',
  create: async (options, context) => {
    const { KismetInput } = await import('./create.ts')
    if (options.tls) warnInsecure(`input ${context.name}`, options.tls, context.log)
    return new KismetInput(options, context)
  },
  decoder: (_options, context) => kismetDecoder(context),
} satisfies InputPlugin<typeof config>
