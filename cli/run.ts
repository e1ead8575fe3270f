/** `wherry run`: the shipper at work. */
import type { Command } from 'commander'
import { WORKER_MAX_BYTES } from '../core/config/frame.ts'
import { startThread, threadCount } from '../core/worker/threads.ts'
import { balanceTable } from './balance.ts'
import { ExitError, onStdoutClosed } from './exit.ts'
import { type ConfigOptions, examples, openConfig, withConfig } from './options.ts'
import { showStatus } from './status.ts'

export function add(program: Command): void {
  const command = withConfig(program.command('run').description('run until stopped, or until all inputs have ended'))
    .option('--once', 'read to the end as found, wait until all is settled, print the balance')
    .action(async (_, command: Command) => run(command.optsWithGlobals()))
  examples(
    command,
    ['run shipper.yml of this folder', 'wherry run'],
    ['ship what is there now, then end', 'wherry run -c archive.yml --once'],
    ['for log collectors', 'wherry run --log-format json --log-level warn'],
  )
}

async function run(options: ConfigOptions & { once?: boolean }): Promise<void> {
  const once = options.once === true
  // Most of a start is loading modules: the thread does it while the config is read here.
  const thread = threadCount('auto') > 0 ? startThread(WORKER_MAX_BYTES) : undefined
  // Also when the config cannot be used: see startThread.
  const { config, log } = await openConfig(options, { once }).finally(() => thread)
  const { Shipper } = await import('../core/shipper.ts')
  const { imbalances } = await import('../core/delivery/books.ts')
  const stop = new AbortController()
  const end = (signal: string) => {
    // Whoever asks twice means now; the next start repeats what was not settled.
    if (stop.signal.aborted) process.exit(1)
    log.info(`${signal}: stopping; once more leaves at once`)
    stop.abort()
  }
  process.on('SIGINT', end).on('SIGTERM', end)
  onStdoutClosed(() => stop.abort())
  const shipper = new Shipper({ config, log, once, thread })
  // Not over the lines of an output that prints; and a journal needs no line every second.
  const quiet = !process.stderr.isTTY || config.outputs.some(({ plugin }) => plugin === 'stdout' || plugin === 'live')
  const hideStatus = quiet ? () => undefined : showStatus(() => shipper.balance())
  try {
    const balance = await shipper.run(stop.signal)
    if (once) process.stderr.write(balanceTable(balance))
    const wrong = imbalances(balance)
    for (const words of wrong) log.error(words)
    if (wrong.length > 0) throw new ExitError(1)
  } finally {
    hideStatus()
    process.off('SIGINT', end).off('SIGTERM', end)
    await log.close()
  }
}
