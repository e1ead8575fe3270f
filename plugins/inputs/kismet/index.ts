/** The Kismet input: both generations of Kismet, from the line protocol of 2009 to the websockets of today. */
import { kismetGps } from '../../../core/formats/kismet-gps.ts'
import { warnInsecure } from '../../../core/net/tls.ts'
import { envelope, frame, type Input, type InputContext, type InputPlugin } from '../../../core/plugin.ts'
import { config, type KismetConfig } from './config.ts'
import { kismetDecoder } from './decode.ts'
import { kismetGap, kismetRecord, kismetServer } from './fields.ts'

async function logInput({ records, frames }: KismetConfig, path: string, context: InputContext): Promise<Input> {
  const { LogInput } = await import('./log/input.ts')
  if (frames !== 'none' && frames !== 'all') throw new Error('of a log all packets are read, or none: frames: all')
  if (!records && frames === 'none') throw new Error('with records: false and without frames there is nothing to read')
  return new LogInput({ path, records, packets: frames === 'all' }, context)
}

export default {
  kind: 'input',
  summary: 'Reads networks, clients, devices, alerts, positions and states from a running Kismet of any generation, its frames, and its logs.',
  config,
  fields: [envelope, frame, kismetRecord, kismetGps, kismetServer, kismetGap],
  replayable: ({ log }) => log !== undefined,
  endless: ({ frames, log }) => log === undefined && frames !== 'none',
  create: async (options, context) => {
    if (options.log !== undefined) return logInput(options, options.log, context)
    const { KismetInput } = await import('./create.ts')
    if (options.tls) warnInsecure(`input ${context.name}`, options.tls, context.log)
    return new KismetInput(options, context)
  },
  decoder: (_options, context) => kismetDecoder(context),
} satisfies InputPlugin<typeof config>
