/** A named pipe: each program that writes to it brings a capture of its own. */
import { constants, openSync } from 'node:fs'
import { Socket } from 'node:net'
import type { Batch, InputContext } from '../../../core/plugin.ts'
import { readStream } from './stream.ts'

const PAUSE_MS = 100

/** Reads one writer after the other; with `once` or without follow only the first. */
export async function* readFifo(path: string, statistics: boolean, follow: boolean, context: InputContext): AsyncGenerator<Batch, void, void> {
  while (!context.signal.aborted) {
    // Without O_NONBLOCK the call would wait for a writer, in a thread that nothing can call back.
    const fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK)
    yield* readStream(new Socket({ fd, readable: true, writable: false }), { context, statistics, name: path })
    if (!follow) return
    await context.clock.sleep(PAUSE_MS, context.signal)
  }
}
