/**
 * Whether the system's clock can be believed, by the word of its time service: a Raspberry Pi has no clock battery, and what it captures before the first contact
 * with a time server carries times of the past.
 */
import { execFile } from 'node:child_process'
import { access } from 'node:fs/promises'
import { promisify } from 'node:util'
import type { Clock } from '../clock.ts'

export interface ClockQuality {
  readonly state: 'synced' | 'unsynced' | 'unknown'
  /** How far the clock is ahead of true time, where the service says. */
  readonly offset_ns?: number
}

/** What is asked; comes in from outside for tests. */
export interface TimeServices {
  /** Output of a program; undefined when it is not there or fails. */
  run(program: string, args: readonly string[]): Promise<string | undefined>
  exists(path: string): Promise<boolean>
}

/** systemd-timesyncd makes it at the first contact with a server. */
const TIMESYNCD_MARKER = '/run/systemd/timesync/synchronized'
const ASK_MS = 60_000
const ANSWER_MS = 3000

export const systemServices: TimeServices = {
  run: async (program, args) => {
    try {
      return (await promisify(execFile)(program, args, { timeout: ANSWER_MS })).stdout
    } catch {
      return undefined
    }
  },
  exists: (path) =>
    access(path).then(
      () => true,
      () => false,
    ),
}

export async function clockQuality({ run, exists }: TimeServices): Promise<ClockQuality> {
  const chrony = await run('chronyc', ['-c', 'tracking'])
  if (chrony !== undefined) return fromChrony(chrony)
  if (await exists(TIMESYNCD_MARKER)) return { state: 'synced' }
  const systemd = (await run('timedatectl', ['show', '-p', 'NTPSynchronized', '--value']))?.trim()
  if (systemd === 'yes') return { state: 'synced' }
  return { state: systemd === 'no' ? 'unsynced' : 'unknown' }
}

/** Fields of `chronyc -c tracking`: the fifth is how far the clock is behind, in seconds, the last one the leap status. */
function fromChrony(line: string): ClockQuality {
  const fields = line.trim().split(',')
  if (fields.length < 14) return { state: 'unknown' }
  if (fields.at(-1) === 'Not synchronised') return { state: 'unsynced' }
  const behind = Number(fields[4])
  return { state: 'synced', ...(Number.isFinite(behind) ? { offset_ns: -Math.round(behind * 1e9) } : {}) }
}

/** Asks at the start and every minute. */
export class ClockWatch {
  now: ClockQuality = { state: 'unknown' }
  readonly #services: TimeServices
  #asking: Promise<void> | undefined
  readonly #stop = new AbortController()

  constructor(services: TimeServices) {
    this.#services = services
  }

  /** Resolves with the first answer. */
  async start(clock: Clock): Promise<void> {
    await this.ask()
    void this.#watch(clock)
  }

  /** Who asks while an answer is awaited gets that one. */
  ask(): Promise<void> {
    this.#asking ??= clockQuality(this.#services)
      .then((quality) => {
        this.now = quality
      })
      .finally(() => {
        this.#asking = undefined
      })
    return this.#asking
  }

  async #watch(clock: Clock): Promise<void> {
    for (;;) {
      await clock.sleep(ASK_MS, this.#stop.signal)
      if (this.#stop.signal.aborted) return
      await this.ask()
    }
  }

  stop(): void {
    this.#stop.abort()
  }
}
