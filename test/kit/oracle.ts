/** Says of everything that was sent whether it arrived. */

export interface Verdict {
  /** Sent, and never arrived. */
  readonly lost: readonly string[]
  /** Arrived more than once, with how often. */
  readonly repeated: ReadonlyMap<string, number>
  /** Arrived and never sent. */
  readonly strangers: readonly string[]
}

/** Numbers or ids go in when they are sent and when they arrive. */
export class Oracle {
  readonly #sent = new Set<string>()
  readonly #arrived = new Map<string, number>()

  /** @param count how many numbers, from 1, count as sent from the beginning */
  constructor(count = 0) {
    for (let number = 1; number <= count; number++) this.sent(number)
  }

  sent(id: string | number): void {
    this.#sent.add(String(id))
  }

  arrived(id: string | number): void {
    const key = String(id)
    this.#arrived.set(key, (this.#arrived.get(key) ?? 0) + 1)
  }

  verdict(): Verdict {
    return {
      lost: [...this.#sent].filter((id) => !this.#arrived.has(id)),
      repeated: new Map([...this.#arrived].filter(([, times]) => times > 1)),
      strangers: [...this.#arrived.keys()].filter((id) => !this.#sent.has(id)),
    }
  }

  /** What is wrong, in words: nothing may be lost or strange, and unless `repeats` are allowed nothing may come twice. */
  problems({ repeats = false }: { repeats?: boolean } = {}): string[] {
    const { lost, repeated, strangers } = this.verdict()
    const problems: string[] = []
    const say = (what: string, ids: Iterable<string>) => {
      const list = [...ids]
      if (list.length > 0) problems.push(`${list.length} ${what}: ${list.slice(0, 10).join(', ')}${list.length > 10 ? ' …' : ''}`)
    }
    say('lost', lost)
    if (!repeats) say('repeated', repeated.keys())
    say('never sent', strangers)
    return problems
  }
}
