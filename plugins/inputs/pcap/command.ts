/** A program whose standard output is a capture, such as tcpdump on another machine. */
import { type ChildProcess, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import type { Batch, InputContext } from '../../../core/plugin.ts'
import { readStream } from './stream.ts'

const FIRST_PAUSE_MS = 1000
const LONGEST_PAUSE_MS = 60_000
/** A program that is asked to end may take so long to write its last packets. */
const LAST_WORDS_MS = 1000

interface Options {
  readonly command: readonly string[]
  readonly statistics: boolean
  readonly context: InputContext
}

/** Runs the program, and again with growing pauses when it ends; with `once` until it ends. */
export async function* readCommand(options: Options): AsyncGenerator<Batch, void, void> {
  const { signal, clock, once, log } = options.context
  let pause = FIRST_PAUSE_MS
  while (!signal.aborted) {
    const started = clock.monotonic()
    yield* runOnce(options)
    if (once || signal.aborted) return
    if (clock.monotonic() - started > LONGEST_PAUSE_MS) pause = FIRST_PAUSE_MS
    log.warn(`${options.command[0]} is started again in ${pause / 1000} s`)
    await clock.sleep(pause, signal)
    pause = Math.min(pause * 2, LONGEST_PAUSE_MS)
  }
}

async function* runOnce({ command, statistics, context }: Options): AsyncGenerator<Batch, void, void> {
  const { signal, clock, log } = context
  const [program, ...rest] = command
  const child = spawn(program, rest, { stdio: ['ignore', 'pipe', 'pipe'] })
  const ended = new Promise<string>((resolve) => {
    child.on('error', (error) => resolve(`cannot be started: ${error.message}`))
    child.on('close', (code, killed) => resolve(code === null ? `was ended by ${killed}` : `ended with ${code}`))
  })
  createInterface({ input: child.stderr as Readable }).on('line', (line) => log.info(`${program}: ${line}`))

  const giveUp = new AbortController()
  const stop = (): void => {
    child.kill('SIGTERM')
    // It ends its output itself, after what it still has.
    void clock.sleep(LAST_WORDS_MS, giveUp.signal).then(() => {
      if (!hasEnded(child)) child.kill('SIGKILL')
      giveUp.abort()
    })
  }
  signal.addEventListener('abort', stop, { once: true })
  if (signal.aborted) stop()
  try {
    yield* readStream(child.stdout as Readable, { context, statistics, name: program, signal: giveUp.signal })
  } finally {
    signal.removeEventListener('abort', stop)
    if (!hasEnded(child)) child.kill('SIGTERM')
    const how = await ended
    giveUp.abort()
    if (!signal.aborted && how !== 'ended with 0') log.warn(`${program} ${how}`)
  }
}

function hasEnded(child: ChildProcess): boolean {
  return child.pid === undefined || child.exitCode !== null || child.signalCode !== null
}
