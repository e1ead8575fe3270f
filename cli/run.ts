/** `wherry run`: the shipper at work. */
import type { Command } from 'commander'
import { WORKER_MAX_BYTES } from '../core/config/frame.ts'
import { EarlyThread, threadCount } from '../core/worker/threads.ts'
import { ExitError, onStdoutClosed } from './exit.ts'
import { type ConfigOptions, examples, withConfig } from './options.ts'
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
  // Most of a start is loading modules: the thread does it while the config is read here, and begins before this thread loads what reads it.
  const thread = threadCount('auto') > 0 ? new EarlyThread(WORKER_MAX_BYTES) : undefined
  const { openConfig } = await import('./open-config.ts')
  const found = (url: string) => thread?.load(url)
  // Not while the thread loads: see startThread.
  const waiting = async () => void (await thread?.ready)
  const { config, log } = await openConfig(options, { once, trial: false, found }).catch(async (error) => {
    await waiting()
    throw error
  })
  const { BuildError, Shipper } = await import('../core/shipper.ts')
  const { balanceTable } = await import('./balance.ts')
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
  const shipper = new Shipper({ config, log, once, thread: thread?.ready })
  // Not over the lines of an output that prints; and a journal needs no line every second.
  const quiet = !process.stderr.isTTY || config.outputs.some(({ plugin }) => plugin === 'stdout' || plugin === 'live')
  const hideStatus = quiet ? () => undefined : showStatus(() => shipper.balance())
  try {
    const balance = await shipper.run(stop.signal)
    if (once) process.stderr.write(balanceTable(balance))
    const wrong = imbalances(balance)
    for (const words of wrong) log.error(words)
    if (wrong.length > 0) throw new ExitError(1)
  } catch (error) {
    // A mistake of the config, which its trial says better; the rest has been said.
    if (error instanceof BuildError) await openConfig(options, { once, said: ['error'] })
    await waiting()
    throw error
  } finally {
    hideStatus()
    process.off('SIGINT', end).off('SIGTERM', end)
    await log.close()
  }
}
