/** What happens on the air, as short scenes: frames one behind another, an interframe space apart. */
import { atLeast } from './capabilities.ts'
import { keyFrame, type Message } from './eapol.ts'
import {
  acknowledgement,
  blockAck,
  blockAckRequest,
  clearToSend,
  data,
  nullData,
  passingAcknowledgement,
  powerSavePoll,
  requestToSend,
} from './exchange.ts'
import {
  action,
  associationRequest,
  associationResponse,
  authentication,
  forgedDeauthentication,
  probeRequest,
  probeResponse,
  type Way,
} from './management.ts'
import { ASKED_SSIDS } from './network-elements.ts'
import type { Random } from './rng.ts'
import { akmOf } from './security.ts'
import type { AccessPoint, Client } from './stations.ts'
import type { Template } from './template.ts'

/** How a frame counts in the mix. */
export type Share = 'beacon' | 'management' | 'control' | 'data'

/** A counter that belongs to the scene alone and starts anywhere: of a passer-by, or an injector. */
export const OF_SCENE = -2
/** The frame has no number. */
export const NO_COUNTER = -1

export interface Step {
  readonly template: Template
  readonly share: Share
  /** Whose counter gives the sequence number. */
  readonly counter: number
  /** Whether it takes the next number; else it shows the last one taken (retries, BlockAck). */
  readonly takes: boolean
  /** µs between the end of the frame before and the start of this one. */
  readonly gap: number
}

/** SIFS (table 19-25 and 21-28), and about what contention costs, in µs. */
const SIFS = 16
const CONTENTION = 110

/** One counter for each access point, three for each client: all but QoS data, QoS data up, QoS data down (10.3.2.14.2). */
export function counterCount(aps: number, clients: number): number {
  return aps + 3 * clients
}

export class Scenes {
  readonly #aps: readonly AccessPoint[]
  readonly #clients: readonly Client[]
  /** Those that can be seen to join: with QoS, and a handshake of 16-byte MICs. */
  readonly #joining: readonly Client[]
  readonly #intervalTu: number
  readonly #random: Random
  /** Templates made so far, by what they are. */
  readonly #made = new Map<string, Template>()

  constructor(aps: readonly AccessPoint[], clients: readonly Client[], intervalTu: number, random: Random) {
    this.#aps = aps
    this.#clients = clients
    this.#joining = clients.filter(({ ap, generation }) => ap.security !== 'suite_b' && atLeast(generation, 'n'))
    this.#intervalTu = intervalTu
    this.#random = random
  }

  /** A scene that adds to a share of the mix. */
  any(share: Exclude<Share, 'beacon'>): Step[] {
    const random = this.#random
    if (share === 'management') {
      const what = random.fraction()
      if (what < 0.72 || this.#joining.length === 0) return this.scan()
      if (what < 0.84) return this.search(random.pick(this.#clients))
      if (what < 0.92) return this.join(random.pick(this.#joining))
      return this.act(random.pick(this.#clients))
    }
    const client = random.pick(this.#clients)
    if (share === 'control') return this.lone(client)
    return random.chance(0.08) ? this.doze(client) : this.transfer(client)
  }

  /** A passer-by under a random address looks for networks. */
  scan(): Step[] {
    const random = this.#random
    const ap = random.pick(this.#aps)
    const name = random.below(ASKED_SSIDS.length)
    const ask = this.#template(`scan ${ap.index} ${name}`, () => probeRequest(ap, ASKED_SSIDS[name]))
    const steps = Array.from({ length: random.between(1, 3) }, () => managed(ask, OF_SCENE, 300))
    if (ASKED_SSIDS[name].length > 0) return steps
    const answer = this.#template(`answer ${ap.index}`, () => probeResponse(ap, this.#intervalTu))
    const ack = this.#template(`passer ack ${ap.index}`, () => passingAcknowledgement(ap, 'passer'))
    return [...steps, managed(answer, ap.index, 500), controlled(ack)]
  }

  /** A client looks for its own network by name. */
  search(client: Client): Step[] {
    const { ap, index } = client
    const ask = this.#template(`search ${index}`, () => probeRequest(ap, ap.ssid, client))
    const answer = this.#template(`found ${index}`, () => probeResponse(ap, this.#intervalTu, client.address))
    return [managed(ask, this.#own(client), 300), managed(answer, ap.index, 500), this.#ack(client, 'up')]
  }

  /** Probe, authentication, association, 4-way handshake. */
  join(client: Client): Step[] {
    const { ap, index } = client
    const steps = this.search(client)
    const manage = (way: Way, key: string, make: () => Template, gap: number): void => {
      const counter = way === 'up' ? this.#own(client) : ap.index
      steps.push(managed(this.#template(`${key} ${way} ${index}`, make), counter, gap), this.#ack(client, way === 'up' ? 'down' : 'up'))
    }
    const authenticate = akmOf(ap.security) === 8 ? (['commit', 'confirm'] as const) : (['open'] as const)
    for (const step of authenticate) {
      for (const way of ['up', 'down'] as const) manage(way, step, () => authentication(client, way, step), step === 'commit' ? 2500 : 600)
    }
    manage('up', 'associate', () => associationRequest(client), 700)
    manage('down', 'associated', () => associationResponse(client), 900)
    if (ap.security === 'open') return steps
    for (const message of [1, 2, 3, 4] as Message[]) {
      const way = message % 2 === 0 ? 'up' : 'down'
      const frame = this.#template(`key ${message} ${index}`, () => keyFrame(client, message))
      steps.push({ template: frame, share: 'management', counter: this.#link(client, way), takes: true, gap: 1200 })
      steps.push(this.#ack(client, way === 'up' ? 'down' : 'up'))
    }
    return steps
  }

  /** A request for an agreement or a report, and the answer. */
  act(client: Client): Step[] {
    const kind = this.#random.pick(['block_ack', 'neighbour'] as const)
    return (['up', 'down'] as const).flatMap((way) => [
      managed(
        this.#template(`${kind} ${way} ${client.index}`, () => action(client, way, kind)),
        way === 'up' ? this.#own(client) : client.ap.index,
        800,
      ),
      this.#ack(client, way === 'up' ? 'down' : 'up'),
    ])
  }

  /** An attack: deauthentication in turn to both ends, forged by somebody who is near. */
  attack(): Step[] {
    const client = this.#random.pick(this.#clients)
    return Array.from({ length: this.#random.between(8, 24) }, (_, i) => {
      const way = i % 2 === 0 ? 'down' : 'up'
      return managed(
        this.#template(`forged ${way} ${client.index}`, () => forgedDeauthentication(client, way)),
        OF_SCENE,
        1500,
      )
    })
  }

  /** Data one way: small frames with an ACK, larger ones behind RTS and CTS with a BlockAck. */
  transfer(client: Client): Step[] {
    const random = this.#random
    const way = random.pick(['up', 'down', 'down'] as const)
    const back: Way = way === 'up' ? 'down' : 'up'
    const length = random.pick([40, 60, 90, 130, 130, 220, 300, 800])
    const frame = (retry: boolean): Template =>
      this.#template(`data ${way} ${client.index} ${length} ${retry}`, () => data(client, way, length, retry))
    const counter = this.#link(client, way)
    const qos = counter !== this.#own(client) && counter !== client.ap.index
    const share = 'data' as const
    const steps: Step[] = []
    if (!qos || length < 130) {
      steps.push({ template: frame(false), share, counter, takes: true, gap: CONTENTION })
      if (random.chance(0.12)) steps.push({ template: frame(true), share, counter, takes: false, gap: 60 })
      return [...steps, this.#ack(client, back)]
    }
    const count = random.between(1, 4)
    if (random.chance(0.3)) {
      steps.push({ ...controlled(this.#template(`rts ${way} ${client.index}`, () => requestToSend(client, way))), gap: CONTENTION })
      steps.push(controlled(this.#template(`cts ${back} ${client.index}`, () => clearToSend(client, back))))
    }
    for (let i = 0; i < count; i++) steps.push({ template: frame(false), share, counter, takes: true, gap: 4 })
    const ack = this.#template(`block ack ${back} ${client.index} ${count}`, () => blockAck(client, back, count))
    return [...steps, { ...controlled(ack), counter }]
  }

  /** A client tells that it dozes or wakes. */
  doze(client: Client): Step[] {
    const dozes = this.#random.chance(0.5)
    const frame = this.#template(`null ${dozes} ${client.index}`, () => nullData(client, dozes))
    return [{ template: frame, share: 'data', counter: this.#own(client), takes: true, gap: CONTENTION }, this.#ack(client, 'down')]
  }

  /** Control frames around data that the sensor cannot make out. */
  lone(client: Client): Step[] {
    const { index } = client
    const way = this.#random.pick(['up', 'down'] as const)
    const back: Way = way === 'up' ? 'down' : 'up'
    const request = controlled(this.#template(`rts ${way} ${index}`, () => requestToSend(client, way)))
    const clear = controlled(this.#template(`cts ${back} ${index}`, () => clearToSend(client, back)))
    switch (this.#random.below(4)) {
      case 0:
        return [request, clear]
      case 1:
        return [request, clear, this.#ack(client, back)]
      case 2:
        return [controlled(this.#template(`poll ${index}`, () => powerSavePoll(client))), this.#ack(client, 'down')]
    }
    const counter = this.#link(client, way)
    const ask = this.#template(`block ack request ${way} ${index}`, () => blockAckRequest(client, way))
    const ack = this.#template(`block ack ${back} ${index} 1`, () => blockAck(client, back, 1))
    return [
      { ...controlled(ask), counter, gap: CONTENTION },
      { ...controlled(ack), counter },
    ]
  }

  #ack(client: Client, way: Way): Step {
    return controlled(this.#template(`ack ${way} ${client.index}`, () => acknowledgement(client, way)))
  }

  #own({ index }: Client): number {
    return this.#aps.length + 3 * index
  }

  /** Counter of data on a way: QoS data have their own, data without QoS count with all else of the sender. */
  #link(client: Client, way: Way): number {
    if (!atLeast(client.generation, 'n') || !atLeast(client.ap.generation, 'n')) return way === 'up' ? this.#own(client) : client.ap.index
    return this.#own(client) + (way === 'up' ? 1 : 2)
  }

  #template(key: string, make: () => Template): Template {
    let template = this.#made.get(key)
    if (!template) this.#made.set(key, (template = make()))
    return template
  }
}

function managed(template: Template, counter: number, gap: number): Step {
  return { template, share: 'management', counter, takes: true, gap }
}

function controlled(template: Template): Step {
  return { template, share: 'control', counter: NO_COUNTER, takes: false, gap: SIFS }
}
