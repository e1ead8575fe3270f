import { appendFileSync } from 'node:fs'
import type { Clock, Output, Payload, Receipt, Rejection, WriteContext } from '../../../core/plugin.ts'
import { RejectedError, RetryError } from '../../../core/plugin.ts'
import { Random } from '../random.ts'
import { type ChaosOptions, type ChaosState, chaosState } from './state.ts'

type Fate = 'take' | 'fail' | 'lost_ack' | 'retry' | 'reject' | 'late' | 'hang'

export class ChaosOutput implements Output {
  readonly #options: ChaosOptions & { readonly parallel: number }
  readonly #clock: Clock
  readonly #state: ChaosState
  /** Body of each id under way or to be tried again. */
  readonly #bodies = new Map<string, Buffer>()
  readonly #active = new Set<string>()
  readonly #known = new Set<string>()

  constructor(options: ChaosOptions & { readonly parallel: number }, clock: Clock) {
    this.#options = options
    this.#clock = clock
    this.#state = chaosState(options.name)
  }

  async open(): Promise<void> {
    this.#state.open = true
  }

  async close(): Promise<void> {
    this.#state.open = false
  }

  async write(payload: Payload, context: WriteContext): Promise<Receipt> {
    const state = this.#state
    state.attempts++
    this.#inspect(payload)
    this.#active.add(payload.id)
    state.active = this.#active.size
    state.mostActive = Math.max(state.mostActive, state.active)
    try {
      context.signal.throwIfAborted()
      const receipt = await this.#meet(payload, context)
      this.#bodies.delete(payload.id)
      return receipt
    } finally {
      this.#active.delete(payload.id)
      state.active = this.#active.size
    }
  }

  /** Notes what the core does against the contract. */
  #inspect({ id, body, count, ends, records }: Payload): void {
    const { violations, open } = this.#state
    if (!open) violations.push(`${id} is written while the output is not open`)
    if (this.#active.has(id)) violations.push(`${id} is written twice at once`)
    if (this.#active.size >= this.#options.parallel) violations.push(`more than ${this.#options.parallel} writes at once`)
    if (count < 1 || ends.length !== count || records.length !== count || ends.at(-1) !== body.length)
      violations.push(`${id}: ${count} events, ${ends.length} ends, ${records.length} records, ${body.length} bytes`)
    const before = this.#bodies.get(id)
    if (before && !before.equals(body)) violations.push(`${id} comes again with another body`)
    this.#bodies.set(id, Buffer.from(body))
  }

  async #meet(payload: Payload, { signal, attempt }: WriteContext): Promise<Receipt> {
    const random = new Random(`${this.#options.seed} ${payload.id} ${attempt}`)
    const all = linesOf(payload)
    const fate = attempt > this.#options.calm_after ? 'take' : this.#fate(random)
    switch (fate) {
      case 'fail':
        throw new Error('chaos: nothing was taken')
      case 'lost_ack':
        this.#take(all)
        throw new Error('chaos: the answer was lost')
      case 'hang':
        await new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason), { once: true }))
        break
      case 'late':
        await this.#clock.sleep(this.#options.late_ms, signal)
        signal.throwIfAborted()
        break
      case 'reject':
        throw this.#reject(all, random)
      case 'retry':
        throw this.#retry(all, random)
    }
    return { duplicates: this.#take(all) }
  }

  #fate(random: Random): Fate {
    const { fail_rate, lost_ack_rate, retry_rate, reject_rate, late_rate, hang_rate } = this.#options
    const fates: readonly [Fate, number][] = [
      ['fail', fail_rate],
      ['lost_ack', lost_ack_rate],
      ['retry', retry_rate],
      ['reject', reject_rate],
      ['late', late_rate],
      ['hang', hang_rate],
    ]
    let drawn = random.next()
    for (const [fate, rate] of fates) if ((drawn -= rate) < 0) return fate
    return 'take'
  }

  /** Takes events and says how many it had already. */
  #take(lines: readonly string[]): number {
    const { dedupe, file } = this.#options
    const fresh = dedupe ? lines.filter((line) => !this.#known.has(line)) : lines
    if (dedupe) for (const line of fresh) this.#known.add(line)
    this.#state.accepted.push(...fresh)
    if (file !== undefined && fresh.length > 0) appendFileSync(file, `${fresh.join('\n')}\n`)
    return lines.length - fresh.length
  }

  #reject(lines: readonly string[], random: Random): RejectedError {
    if (random.chance(0.3)) {
      this.#state.rejected.push(...lines)
      return new RejectedError('chaos: never all of these')
    }
    const { rejected, taken } = this.#choose(lines, random)
    this.#take(taken)
    return new RejectedError('chaos: never some of these', { events: rejected })
  }

  #retry(lines: readonly string[], random: Random): RetryError {
    const after_ms = random.below(3)
    if (random.chance(0.3)) return new RetryError('chaos: all of these later', { after_ms, halve: random.chance(0.5) })
    const { rejected, events, taken } = this.#choose(lines, random, 0.4)
    const duplicates = this.#take(taken)
    return new RetryError('chaos: some of these later', { events, rejected, after_ms, duplicates })
  }

  /** Splits events into those never wanted, those wanted again, and those taken. */
  #choose(lines: readonly string[], random: Random, again = 0): { rejected: Rejection[]; events: number[]; taken: string[] } {
    const choice = { rejected: [] as Rejection[], events: [] as number[], taken: [] as string[] }
    lines.forEach((line, event) => {
      if (random.chance(0.1)) {
        choice.rejected.push({ event, reason: 'chaos' })
        this.#state.rejected.push(line)
      } else if (random.chance(again)) choice.events.push(event)
      else choice.taken.push(line)
    })
    return choice
  }
}

function linesOf({ body, ends }: Payload): string[] {
  const text = Buffer.from(body)
  return Array.from(ends, (end, i) => text.toString('utf8', i === 0 ? 0 : ends[i - 1], end - 1))
}
