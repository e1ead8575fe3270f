/** Buries records that cannot become events, or that a filter or output failed on. */
import type { Clock } from '../clock.ts'
import { backoffMs } from '../net/backoff.ts'
import type { Log } from '../plugin.ts'
import type { BadRecord } from '../route/result.ts'
import type { DeadLetters, RecordLetter } from './dead-letters.ts'
import type { Job } from './job.ts'
import type { Ticket } from './tracker.ts'

export interface RecordLettersOptions {
  /** Of the input. */
  readonly name: string
  readonly dead: DeadLetters
  /** A filter hides what records hold: letters have no bytes, and reasons no values. */
  readonly conceals: boolean
  readonly clock: Clock
  readonly random: () => number
  readonly log: Log
}

const RETRY = { initial_ms: 100, max_ms: 30_000 }

export class RecordLetters {
  readonly #options: RecordLettersOptions

  constructor(options: RecordLettersOptions) {
    this.#options = options
  }

  /** Writes letters; the ticket waits for them. Tried again until it works. */
  bury(bad: readonly BadRecord[], { request }: Job, identity: string, ticket: Ticket): void {
    const { name, clock, conceals } = this.#options
    const context = Buffer.from(request.context).toString('base64')
    const letters = bad.map(({ at, length, reason, undecoded }): RecordLetter => {
      const bytes = conceals ? undefined : { data: Buffer.from(request.data.subarray(at, at + length)).toString('base64'), context }
      const offset = request.offset + at
      return {
        kind: 'record',
        at: new Date(clock.now()).toISOString(),
        // What filters and encoders throw may name values; decoders name places.
        reason: conceals && !undecoded ? `${reason.slice(0, reason.indexOf(':'))} in a filter or output` : reason,
        input: name,
        stream: request.stream,
        identity,
        offset,
        length,
        ...bytes,
      }
    })
    ticket.add(1)
    void this.#write(letters).then(() => ticket.done(1))
  }

  async #write(letters: readonly RecordLetter[]): Promise<void> {
    const { dead, clock, random, log } = this.#options
    for (let failures = 1; ; failures++) {
      try {
        return await dead.write(letters)
      } catch (error) {
        if (failures === 1) log.error(`dead letters cannot be written: ${(error as Error).message}`)
        await clock.sleep(backoffMs(RETRY, failures, random()))
      }
    }
  }
}
