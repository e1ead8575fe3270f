/**
 * Right times for what a sensor captured before its clock was set.
 *
 * A Raspberry Pi has no clock battery: it starts with a time of the past, and at the first contact with a time server its clock jumps ahead. What was captured
 * before carries times that are too early by the jump. Inputs with `clock_wait_s` are not read until then, so that nothing is decoded with such times; the jump is
 * kept, one for each boot, for whatever of this boot is read later.
 *
 * Only jumps ahead count, and of a second at least: then no right time lies in the window of wrong ones but those of earlier boots. Streams that were known before
 * this boot are left alone for that reason.
 */
import { join } from 'node:path'
import type { Clock } from '../clock.ts'
import type { Files } from '../files/files.ts'
import type { Log } from '../plugin.ts'
import type { Boot } from '../state/boot.ts'
import { readSnapshot, writeSnapshot } from '../state/snapshot.ts'
import type { ClockWatch } from './quality.ts'

/** Recorded times from (inclusive) to (exclusive), in ms since 1970, lack so much. */
export interface ClockShift {
  readonly from_ms: number
  readonly to_ms: number
  readonly offset_ms: number
}

export interface RebaseOptions {
  readonly data_dir: string
  readonly files: Files
  readonly watch: ClockWatch
  readonly clock: Clock
  readonly log: Log
  /** Undefined where boots cannot be told apart. */
  readonly boot: Boot | undefined
  /** Longest `clock_wait_s` of all inputs, in ms. */
  readonly wait_ms: number
  /** Streams that the checkpoint knows, by input. */
  readonly known: Readonly<Record<string, readonly string[]>>
}

/** What is kept of a boot that began with a clock that could not be believed. */
interface Stored {
  readonly boot: string
  /** When the boot began by the clock as it was before the jump, in ms since 1970. */
  readonly began_ms: number
  readonly known: Readonly<Record<string, readonly string[]>>
  readonly shift?: ClockShift
}

const JUMP_MS = 1000
const LOOK_MS = 1000
/** Time services are asked less often than the clock is looked at: it costs processes. */
const ASK_MS = 10_000

export class Rebase {
  readonly #options: RebaseOptions
  /** By the monotonic clock. */
  readonly #booted: number
  #stored: Stored | undefined
  /** Aborted when there is nothing to wait for any more. */
  readonly #known = new AbortController()
  readonly #stop = new AbortController()

  private constructor(options: RebaseOptions) {
    this.#options = options
    this.#booted = options.clock.monotonic() - (options.boot?.uptime_ms ?? 0)
  }

  static async open(options: RebaseOptions): Promise<Rebase> {
    const rebase = new Rebase(options)
    await rebase.#open()
    return rebase
  }

  async #open(): Promise<void> {
    const { boot, data_dir, files, known, wait_ms, watch, log } = this.#options
    if (!boot) log.warn('clock: boots cannot be told apart here; clock_wait_s has no effect')
    const { state } = boot ? await readSnapshot(join(data_dir, 'clock'), files) : {}
    const stored = state as Stored | undefined
    if (boot && stored?.boot === boot.id) this.#stored = stored
    if (!boot || this.#stored?.shift || this.#uptime() >= wait_ms) return this.#known.abort()
    if (!this.#stored) {
      await watch.ask()
      if (watch.now.state === 'synced') return this.#known.abort()
      await this.#save({ boot: boot.id, began_ms: this.#began(), known })
    }
    void this.#look(wait_ms)
  }

  /** Resolves when an input that waits so long after the boot may be read. */
  async ready(input: string, wait_ms: number, signal: AbortSignal): Promise<void> {
    const { clock, log } = this.#options
    const done = AbortSignal.any([this.#known.signal, signal])
    if (done.aborted) return
    log.info(`input ${input}: the clock is not synced; reading waits for it, until ${wait_ms / 1000} s after the boot`)
    await clock.sleep(Math.max(0, wait_ms - this.#uptime()), done)
    if (!done.aborted) log.warn(`input ${input}: the clock is still not synced; times stay as they were recorded`)
  }

  /** What the times of a stream lack, as far as it is known. */
  of(input: string, stream: string): ClockShift | undefined {
    const { shift, known } = this.#stored ?? {}
    return shift && !known?.[input]?.includes(stream) ? shift : undefined
  }

  stop(): void {
    this.#stop.abort()
  }

  async #look(wait_ms: number): Promise<void> {
    const { clock, watch, log } = this.#options
    const { began_ms } = this.#stored!
    let asked = clock.monotonic()
    /** When the jump was first seen, since the boot. */
    let jumped: number | undefined
    for (;;) {
      await clock.sleep(LOOK_MS, this.#stop.signal)
      if (this.#stop.signal.aborted || this.#uptime() >= wait_ms) return
      const ahead = this.#began() - began_ms
      if (ahead >= JUMP_MS) jumped ??= this.#uptime()
      if (jumped === undefined && clock.monotonic() - asked < ASK_MS) continue
      await watch.ask()
      asked = clock.monotonic()
      const { state } = watch.now
      // Without the word of a service a jump is the best sign that there is.
      if (state === 'unsynced' || (state === 'unknown' && jumped === undefined)) continue
      if (jumped !== undefined) {
        await this.#save({ ...this.#stored!, shift: { from_ms: began_ms, to_ms: began_ms + jumped, offset_ms: ahead } })
        log.info(`clock: was set ${(ahead / 1000).toFixed(3)} s ahead; what was captured since the boot gets right times`)
      }
      return this.#known.abort()
    }
  }

  /** Also when it cannot be written: then a restart does not know it. */
  async #save(stored: Stored): Promise<void> {
    const { data_dir, files, log } = this.#options
    this.#stored = stored
    await writeSnapshot(join(data_dir, 'clock'), stored, { files }).catch((error) => log.warn(`clock: cannot be kept: ${(error as Error).message}`))
  }

  #uptime(): number {
    return this.#options.clock.monotonic() - this.#booted
  }

  /** When the boot began, by the clock as it is now. */
  #began(): number {
    return this.#options.clock.now() - this.#uptime()
  }
}
