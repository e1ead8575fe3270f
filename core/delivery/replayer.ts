/**
 * Sends dead letters again while Wherry runs. `wherry dead replay` sets their files aside; a file is deleted when all of it is settled, so that a replay that is
 * cut short is repeated by the next one. Letters that fail once more are written anew.
 */
import { unlink } from 'node:fs/promises'
import type { Clock } from '../clock.ts'
import type { ShipperConfig } from '../config/types.ts'
import type { Batch, Input, InputContext, Log } from '../plugin.ts'
import { DeadLetters, type DeliveryLetter, type Letter, type RecordLetter } from './dead-letters.ts'
import { Feed } from './feed.ts'
import type { OutputUnit } from './output-unit.ts'
import { Tracker } from './tracker.ts'

/** How often to look for files. */
export const REPLAY_LOOK_MS = 2000
/** How often to look whether an output has room again. */
const ROOM_MS = 100
/** Name of the stream that replayed records come by. */
const STREAM = 'replay'

export interface ReplayerOptions {
  readonly config: ShipperConfig
  readonly feeds: readonly Feed[]
  readonly units: readonly OutputUnit[]
  readonly dead: DeadLetters
  readonly signal: AbortSignal
  readonly clock: Clock
  readonly log: Log
}

export class Replayer {
  readonly #options: ReplayerOptions

  constructor(options: ReplayerOptions) {
    this.#options = options
  }

  /** Runs until the signal. */
  async run(): Promise<void> {
    const { config, signal, clock, log } = this.#options
    while (!signal.aborted) {
      try {
        for (const { name, path } of await DeadLetters.list(config.shipper.data_dir)) {
          if (DeadLetters.isAside(name) && !signal.aborted) await this.#send(name, path)
        }
      } catch (error) {
        log.warn(`dead letters cannot be sent again: ${(error as Error).message}`)
      }
      await clock.sleep(REPLAY_LOOK_MS, signal)
    }
  }

  async #send(name: string, path: string): Promise<void> {
    const { dead, signal, log } = this.#options
    const { letters } = await DeadLetters.read(path)
    const tracker = new Tracker(() => undefined)
    const kept: Letter[] = []
    const records = new Map<string, RecordLetter[]>()
    for (const letter of letters) {
      if (letter.kind === 'record') records.set(letter.input, [...(records.get(letter.input) ?? []), letter])
      else if (!(await this.#deliver(letter, tracker))) kept.push(letter)
    }
    const trackers = [tracker]
    for (const [input, some] of records) {
      const feed = this.#feedOf(input)
      const whole = feed === undefined ? [] : some.filter(({ data }) => data !== undefined)
      kept.push(...some.filter((letter) => !whole.includes(letter)))
      if (feed === undefined || whole.length === 0) continue
      trackers.push(feed.tracker)
      await feed.run(letterInput(whole)(feed.context()))
    }
    const stopped = new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }))
    await Promise.race([Promise.all(trackers.map((each) => each.idle())), stopped])
    // What is not settled is sent again by the next start.
    if (signal.aborted) return
    if (kept.length > 0) await dead.write(kept)
    await unlink(path)
    log.info(
      `dead letters: ${letters.length - kept.length} of ${name} sent again${kept.length > 0 ? `, ${kept.length} kept, which cannot be sent now` : ''}`,
    )
  }

  /** Hands an event to its output; false when that, or its route, is gone, or encodes otherwise by now. */
  async #deliver(letter: DeliveryLetter, tracker: Tracker): Promise<boolean> {
    const { config, units, signal, clock } = this.#options
    const route = config.routes[letter.route]
    const unit = units.find(({ name }) => name === letter.output)
    if (unit === undefined || !route?.to.includes(letter.output) || !unit.takes(letter.format)) return false
    while (!unit.hasRoom && !signal.aborted) await clock.sleep(ROOM_MS, signal)
    const ticket = tracker.open(STREAM, { position: undefined, skip: 0 }, true)
    const body = Buffer.from(letter.body, 'base64')
    unit.addLetter({
      key: letter.key,
      mixes: false,
      body,
      ends: Uint32Array.from(letter.ends ? [body.length] : []),
      records: new Uint32Array(1),
      routes: Uint16Array.of(letter.route),
      count: 1,
      ticket,
      input: config.inputs.findIndex(({ name }) => route.from.includes(name)),
    })
    ticket.done(1)
    return true
  }

  /** Another feed of an input, with memory of its own; undefined where filters hold events back, which then count for the wrong records. */
  #feedOf(input: string): Feed | undefined {
    const feed = this.#options.feeds.find(({ options }) => options.name === input)
    if (feed === undefined || feed.options.hold_ms !== undefined) return undefined
    return new Feed({ ...feed.options, once: true, signal: this.#options.signal }, feed.counts)
  }
}

/** One batch for each letter, with the place and identity that it had: its event gets the id it would have had. */
export function letterInput(letters: readonly RecordLetter[]): (context: InputContext) => Input {
  return (context) => ({
    async *read(): AsyncIterable<Batch> {
      for (const [i, { identity, data, context: encoded, offset }] of letters.entries()) {
        yield {
          stream: STREAM,
          identity,
          data: Buffer.from(data!, 'base64'),
          offset,
          records: 1,
          context: Buffer.from(encoded ?? '', 'base64'),
          next: { letters: i + 1 },
        }
      }
      context.ended?.(STREAM)
    },
  })
}
