/** `wherry queue`: what waits for outputs on disk. All of it is safe while Wherry runs. */
import { unlink } from 'node:fs/promises'
import type { Command } from 'commander'
import { systemFiles } from '../core/files/files.ts'
import { look, payloads, type Seen, writersOf } from '../core/queue/inspect.ts'
import { LockedError, lock } from '../core/state/lock.ts'
import { ExitError, print } from './exit.ts'
import { type Opened, openConfig } from './open-config.ts'
import { type ConfigOptions, count, examples, withConfig } from './options.ts'
import { table } from './terminal.ts'

interface Chosen extends ConfigOptions {
  readonly stranded?: boolean
}

export function add(program: Command): void {
  const queue = program.command('queue').description('look at what waits for outputs, and take it out')
  const ls = withConfig(queue.command('ls').description('list the queues and what of them is on disk')).action(async (_, command: Command) =>
    list(command.optsWithGlobals()),
  )
  examples(ls, ['every output and its queue', 'wherry queue ls'])
  const out = withConfig(queue.command('export').description('write what waits on disk to standard output, as it would be sent'))
    .argument('<output>', 'the output')
    .option('--stranded', 'only what another config wrote, which no output can send')
    .action(async (output: string, _, command: Command) => withQueue(command.optsWithGlobals(), output, exportAll))
  examples(out, ['rescue what an old format left', 'wherry queue export search --stranded > search.ndjson'])
  const purge = withConfig(queue.command('purge').description('delete what waits on disk; of a running Wherry all but the segment it writes to'))
    .argument('<output>', 'the output')
    .option('--stranded', 'only what another config wrote, which no output can send')
    .action(async (output: string, _, command: Command) => withQueue(command.optsWithGlobals(), output, purgeAll))
  examples(purge, ['after export', 'wherry queue purge search --stranded'])
}

async function segments({ config, plugins, fields }: Opened): Promise<Seen[]> {
  const found: Seen[] = []
  for await (const seen of look(systemFiles, config.shipper.data_dir, writersOf(config, plugins, fields))) found.push(seen)
  return found
}

async function list(options: ConfigOptions): Promise<void> {
  const opened = await openConfig(options)
  const found = await segments(opened)
  const rows: (string | number)[][] = opened.config.outputs.map(({ name, queue }) => {
    const mine = found.filter(({ output, stranded }) => output === name && stranded === undefined)
    return [name, queue.kind, queue.max_bytes, mine.length, sum(mine, bytesOf), sum(mine, eventsOf)]
  })
  await print(table([['output', 'queue', 'max_bytes', 'segments', 'bytes on disk', 'events'], ...rows]))
  const stranded = found.filter((seen) => seen.stranded !== undefined)
  if (stranded.length > 0) {
    const lines = stranded.map((seen) => [seen.output, bytesOf(seen), eventsOf(seen), seen.stranded!, seen.path])
    await print(`\n${table([['stranded', 'bytes', 'events', 'why', 'file'], ...lines])}`)
  }
  await opened.log.close()
}

type Work = (mine: readonly Seen[], opened: Opened, stranded: boolean) => Promise<void>

async function withQueue(options: Chosen, output: string, work: Work): Promise<void> {
  const opened = await openConfig(options)
  try {
    const found = (await segments(opened)).filter((seen) => seen.output === output)
    if (found.length === 0 && !opened.config.outputs.some(({ name }) => name === output))
      throw new ExitError(2, `there is no output ${output}, neither in ${options.config} nor on disk`)
    const stranded = options.stranded === true
    await work(stranded ? found.filter((seen) => seen.stranded !== undefined) : found, opened, stranded)
  } finally {
    await opened.log.close()
  }
}

async function exportAll(mine: readonly Seen[]): Promise<void> {
  let events = 0
  for (const seen of mine) {
    for await (const { body, count } of payloads(systemFiles, seen)) {
      await print(body)
      events += count
    }
  }
  process.stderr.write(`${count(events, 'event')} in ${count(mine.length, 'segment')}; nothing was changed\n`)
}

async function purgeAll(mine: readonly Seen[], { config }: Opened): Promise<void> {
  const unlock = await lock(config.shipper.data_dir).catch((error: Error) => {
    if (error instanceof LockedError) return undefined
    throw error
  })
  try {
    // A running Wherry never touches what is stranded, may append to its last segment, and counts what goes of the others as dropped.
    const gone = mine.filter(({ last, stranded }) => unlock !== undefined || !last || stranded !== undefined)
    for (const { path } of gone) await unlink(path).catch(() => undefined)
    process.stderr.write(`${count(gone.length, 'segment')} deleted, ${count(sum(gone, eventsOf), 'event')}\n`)
    if (gone.length < mine.length)
      process.stderr.write(`${count(mine.length - gone.length, 'segment')} may be in use by the Wherry that runs: left\n`)
  } finally {
    await unlock?.()
  }
}

function bytesOf({ opened }: Seen): number {
  if (opened.kind === 'empty') return 0
  return opened.kind === 'strange' ? opened.bytes : opened.segment.end
}

function eventsOf({ opened }: Seen): number {
  return opened.kind === 'whole' || opened.kind === 'unfinished' ? opened.summary.events : 0
}

function sum(seen: readonly Seen[], of: (seen: Seen) => number): number {
  return seen.reduce((total, each) => total + of(each), 0)
}
