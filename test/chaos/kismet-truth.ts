/** What happened in the scripted servers, and whether what arrived is that. */

/** One state of a thing, as a server sent it or would have. */
interface Change {
  readonly server: string
  readonly kind: string
  readonly key: string
  readonly state: string
  /** Seconds since 1970 by the server's clock. */
  readonly at: number
}

interface Gap {
  readonly server: string
  readonly from: number
  readonly to: number
}

/** An event as the `file` output writes it. */
export interface Line {
  readonly event: { readonly id: string; readonly dataset: string }
  readonly '@timestamp'?: string
  readonly kismet?: {
    readonly mac?: string
    readonly lasttime?: number
    readonly modtime?: number
    readonly llcpackets?: number
    readonly packets?: number
    readonly newpackets?: number
    readonly text?: string
    readonly server?: { readonly address?: string }
  }
  readonly gap?: { readonly from: string; readonly to: string }
}

export class Truth {
  readonly #changes = new Map<string, Change>()
  /** What the servers still have: the last state by thing. */
  readonly #last = new Map<string, string>()
  /** Alerts and messages that are kept, by server and kind. */
  readonly #kept = new Map<string, string[]>()
  readonly #packets = new Map<string, number>()

  get size(): number {
    return this.#changes.size
  }

  /** A thing has another state. */
  changed(change: Change, packets: number): void {
    const name = nameOf(change)
    this.#changes.set(name, change)
    this.#last.set(`${change.server} ${change.kind} ${change.key}`, name)
    this.#packets.set(`${change.kind} ${change.key}`, packets)
  }

  /** Something was said; the server keeps the last `keep` of such. */
  said(change: Change, keep: number): void {
    const name = nameOf(change)
    this.#changes.set(name, change)
    const of = `${change.server} ${change.kind}`
    this.#kept.set(of, keep === 0 ? [] : [...(this.#kept.get(of) ?? []), name].slice(-keep))
  }

  /** A server forgot everything. */
  forgotten(server: string): void {
    for (const thing of this.#last.keys()) if (thing.startsWith(`${server} `)) this.#last.delete(thing)
    for (const of of this.#kept.keys()) if (of.startsWith(`${server} `)) this.#kept.delete(of)
  }

  /** Names of what must have arrived by now, gap or not. */
  wanted(): string[] {
    return [...this.#last.values(), ...[...this.#kept.values()].flat()]
  }

  judge(lines: readonly Line[], addresses: Readonly<Record<string, string>>): { problems: string[]; words: string } {
    const problems: string[] = []
    const idOf = new Map<string, string>()
    const nameOfId = new Map<string, string>()
    const counted = new Map<string, number>()
    const gaps: Gap[] = []
    let repeats = 0
    for (const line of lines) {
      const { event, gap, kismet } = line
      if (gap) {
        const server = Object.keys(addresses).find((one) => addresses[one] === kismet?.server?.address) ?? ''
        gaps.push({ server, from: Date.parse(`${gap.from.slice(0, 19)}Z`) / 1000, to: Math.ceil(Date.parse(`${gap.to.slice(0, 23)}Z`) / 1000) })
      }
      const name = nameOfLine(line)
      if (name === undefined) continue
      const id = idOf.get(name)
      if (id !== undefined) repeats++
      if (id !== undefined && id !== event.id) problems.push(`${name} came under two ids: ${id}, ${event.id}`)
      const other = nameOfId.get(event.id)
      if (other !== undefined && other !== name) problems.push(`${other} and ${name} share the id ${event.id}`)
      if (id === undefined && kismet?.newpackets !== undefined) {
        const of = name.split(' ').slice(0, 2).join(' ')
        counted.set(of, (counted.get(of) ?? 0) + kismet.newpackets)
      }
      idOf.set(name, event.id)
      nameOfId.set(event.id, name)
    }
    let missing = 0
    for (const [name, { server, at }] of this.#changes) {
      if (idOf.has(name)) continue
      missing++
      if (!gaps.some((gap) => gap.server === server && gap.from <= at && at <= gap.to))
        problems.push(`${name} of ${at} never came, and no gap says so`)
    }
    for (const name of this.wanted()) if (!idOf.has(name)) problems.push(`${name} never came, though the server has it`)
    for (const [of, packets] of counted) {
      const truth = this.#packets.get(of)
      if (truth !== undefined && packets > truth) problems.push(`${of}: ${packets} packets were counted, there are ${truth}`)
    }
    if (this.size - missing < this.size / 3) problems.push(`only ${this.size - missing} of ${this.size} changes arrived: nothing was put to the test`)
    const words = `${this.size} changes, ${this.size - missing} arrived, ${missing} in ${gaps.length} gaps, ${repeats} repeats (equal ids)`
    return { problems, words }
  }
}

export function nameOfLine({ event, kismet }: Line): string | undefined {
  switch (event.dataset) {
    case 'kismet.client':
      return `client ${kismet?.mac} ${kismet?.lasttime} ${kismet?.llcpackets}`
    case 'kismet.device':
      return `device ${kismet?.mac} ${kismet?.modtime} ${kismet?.packets}`
    case 'kismet.alert':
    case 'kismet.status':
      // Servers say things of their own.
      return /^[a-z]\d+$/i.test(kismet?.text ?? '') ? `${event.dataset.slice(7)} ${kismet?.text}` : undefined
    default:
      return undefined
  }
}

function nameOf({ kind, key, state }: Change): string {
  return state === '' ? `${kind} ${key}` : `${kind} ${key} ${state}`
}
