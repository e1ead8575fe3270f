/** The pcap input: captures from files, FIFOs, standard input and programs. */
import { statSync } from 'node:fs'
import { captureDecoder, captureStatistics } from '../../../core/formats/capture.ts'
import { kismetGps } from '../../../core/formats/kismet-gps.ts'
import { envelope, frame, type InputPlugin } from '../../../core/plugin.ts'
import { config, type PcapConfig } from './config.ts'
import { gapFields, withGaps } from './gap.ts'

/** What stands under `path`, whether one or several. */
function isReplayable({ path, command }: PcapConfig): boolean {
  return command === undefined && [path ?? []].flat().every((one) => one !== '-' && !isFifo(one))
}

function isFifo(path: string): boolean {
  try {
    return statSync(path).isFIFO()
  } catch {
    return false
  }
}

export default {
  kind: 'input',
  summary: 'Reads pcap and pcapng captures: files as they grow and rotate, gzip, a FIFO, standard input, the output of a program.',
  config,
  fields: ({ statistics }) => [envelope, frame, gapFields, kismetGps, ...(statistics ? [captureStatistics] : [])],
  replayable: isReplayable,
  create: async (options, context) => {
    const { createInput } = await import('./create.ts')
    return createInput(options, context, isReplayable(options))
  },
  decoder: ({ statistics }, { event, sensor }) => withGaps(captureDecoder({ event, observer: sensor.name, statistics }), sensor.name),
} satisfies InputPlugin<typeof config>
