/** `wherry decode`: captures as lines of JSON, one for each packet record, in order. */
import { statSync } from 'node:fs'
import { hostname } from 'node:os'
import type { Command } from 'commander'
import { loadConfigText } from '../core/config/load.ts'
import { problemText } from '../core/config/problems.ts'
import { whyUnreadable } from '../core/config/substitute.ts'
import type { Log } from '../core/plugin.ts'
import type { Pipeline } from '../core/route/pipeline.ts'
import { compileWhen } from '../core/when/index.ts'
import { buildPipelines } from '../core/worker/setup.ts'
import { eventsOf, type Ran, readCapture, runBatches } from './captures.ts'
import { checked } from './condition.ts'
import { ExitError, print } from './exit.ts'
import { createLog } from './log.ts'
import { examples, type GlobalOptions } from './options.ts'

export function add(program: Command): void {
  const command = program
    .command('decode')
    .description('print the packets of captures as lines of JSON')
    .argument('<file...>', 'pcap or pcapng files, plain or gzip; - is stdin')
    .option('--when <expression>', "only packets for which this holds, in Wireshark's display-filter syntax")
    .action(async (files: string[], _, command: Command) => decode(files, command.optsWithGlobals()))
  examples(
    command,
    ['everything', 'wherry decode air.pcapng'],
    ['who was thrown out', `wherry decode --when 'wlan.fc.type_subtype == 0x0c' air.pcap | jq -c .wlan`],
    ['live', 'tcpdump -i mon0 -U -w - | wherry decode -'],
  )
}

/** Longest record: nothing that a capture may hold is too long to be looked at. */
const MAX_RECORD_BYTES = 16 * 1024 * 1024

interface DecodeOptions extends GlobalOptions {
  readonly when?: string
}

async function decode(files: readonly string[], options: DecodeOptions): Promise<void> {
  for (const file of files) {
    try {
      if (file !== '-' && statSync(file).isDirectory()) throw Object.assign(new Error('directory'), { code: 'EISDIR' })
    } catch (error) {
      throw new ExitError(2, `${file} ${whyUnreadable(error)}`)
    }
  }
  const log = createLog({ level: options.logLevel, format: options.logFormat })
  const stop = new AbortController()
  const end = () => (stop.signal.aborted ? process.exit(1) : stop.abort())
  process.on('SIGINT', end).on('SIGTERM', end)
  try {
    const open = await pipelineMaker(options.when)
    for (const file of files) {
      if (stop.signal.aborted) break
      await decodeFile(file, { pipeline: open(), log, signal: stop.signal, all: options.when === undefined })
    }
  } finally {
    process.off('SIGINT', end).off('SIGTERM', end)
    await log.close()
  }
}

const SENSOR = { name: hostname(), id: 'decode' }

/** A config like any other, so that defaults and checks are those of `run`. */
async function pipelineMaker(when: string | undefined): Promise<() => Pipeline> {
  const whole = {
    inputs: { file: { plugin: 'pcap', path: '-', statistics: false } },
    filters: { decode: { plugin: 'ieee80211', emit: 'full' } },
    outputs: { lines: { plugin: 'stdout' } },
    routes: [{ from: 'file', through: 'decode', to: 'lines' }],
  }
  const { config, fields, plugins, problems } = await loadConfigText('decode', JSON.stringify(whole), process.cwd(), { env: {}, once: true })
  if (!config || !fields) throw new Error(problems.map(problemText).join('\n'))
  if (when !== undefined) checked(when, '--when', () => compileWhen(when, fields))
  const routes = config.routes.map((route) => ({ ...route, when }))
  return () => buildPipelines({ config: { ...config, routes }, sensor: SENSOR }, plugins, (bytes) => new ArrayBuffer(bytes))[0]
}

interface FileOptions {
  readonly pipeline: Pipeline
  readonly log: Log
  readonly signal: AbortSignal
  /** Whether records that cannot be decoded are printed: there is no condition that they could fail. */
  readonly all: boolean
}

async function decodeFile(file: string, { pipeline, log, signal, all }: FileOptions): Promise<void> {
  const skipped = (offset: number, length: number, reason: string) => log.warn(`${file}: ${length} bytes at ${offset} skipped: ${reason}`)
  const batches = readCapture(file, { log, signal, max_record_bytes: MAX_RECORD_BYTES, statistics: false, skipped })
  let records = 0
  let shown = 0
  for await (const ran of runBatches(pipeline, batches, SENSOR)) {
    await print(lines(ran, all))
    records += ran.result.decoded
    if (process.stderr.isTTY && !process.stdout.isTTY && performance.now() - shown > 200) {
      shown = performance.now()
      process.stderr.write(`\r${file}: ${records} packets`)
    }
  }
  if (shown > 0) process.stderr.write(`\r${file}: ${records} packets\n`)
}

/** The events of a run, and between them, in their places, what could not become one. */
function lines(ran: Ran, all: boolean): Uint8Array {
  const { parts, bad } = ran.result
  const [part] = parts
  if (!all || bad.length === 0) return part ? new Uint8Array(ran.memory!, part.body, part.length).slice() : new Uint8Array(0)
  const rows = part ? [...eventsOf(ran, part)] : []
  const marks = bad.map(({ record, reason }) => {
    const event = { event: { kind: 'event', dataset: 'wifi.frame' }, observer: { name: SENSOR.name }, error: { type: 'undecodable', reason } }
    return { record, bytes: Buffer.from(`${JSON.stringify(event)}\n`) }
  })
  return Buffer.concat([...rows, ...marks].sort((x, y) => x.record - y.record).map(({ bytes }) => bytes))
}
