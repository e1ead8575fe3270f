/**
 * What a frame means for a client's state: the table of the README.
 *
 * A request never undoes an association: stations look around and authenticate elsewhere while they are associated, and authentication leaves a
 * state beyond "unauthenticated" as it is (IEEE 802.11-2020 clause 11.3.4). Only an association elsewhere, an end, or silence does.
 */
import { STATE, type State } from './fields.ts'

export const EVIDENCE = {
  /** Probe request. */
  probe: 0,
  /** Authentication either way, (re)association request, or its refusal. */
  request: 1,
  /** (Re)association response with status 0. */
  accepted: 2,
  /** The last message of the 4-way handshake. */
  handshake: 3,
  /** Data, also without a body, or a PS-Poll, from the client: class 3 frames (clause 11.3.3). */
  up: 4,
  /** Data to the client. */
  down: 5,
  /** Disassociation or deauthentication, either way, that protection of management frames does not disprove. */
  end: 6,
} as const
export type Evidence = (typeof EVIDENCE)[keyof typeof EVIDENCE]

/** The state stays as it is; the frame has nothing to say about it. */
export const NOTHING = STATE.none
/** The state stays as it is, and the frame shows that it still holds. */
export const HOLDS = -1
/** Data after an end: the tail of what was queued, unless it goes both ways. */
export const TAIL = -2

/**
 * The state that follows, or one of the above.
 * @param same whether the frame is of the network that the state is about; of a probing client, of the one it was sent away from or left
 */
export function transition(state: State, same: boolean, evidence: Evidence): State | typeof HOLDS | typeof TAIL {
  const associated = state === STATE.associated
  const ended = state === STATE.gone || state === STATE.probing
  switch (evidence) {
    case EVIDENCE.probe:
      return associated ? NOTHING : state === STATE.probing ? HOLDS : STATE.probing
    case EVIDENCE.request:
      return associated ? NOTHING : state === STATE.authenticating && same ? HOLDS : STATE.authenticating
    case EVIDENCE.accepted:
      return STATE.associated
    case EVIDENCE.handshake:
      return associated && same ? HOLDS : STATE.associated
    case EVIDENCE.up:
      return same ? (associated ? HOLDS : ended ? TAIL : STATE.associated) : STATE.associated
    case EVIDENCE.down:
      // An access point that the client has left may go on sending to it for a while.
      return same ? (associated ? HOLDS : ended ? TAIL : STATE.associated) : associated ? NOTHING : STATE.associated
    case EVIDENCE.end:
      if (state === STATE.gone) return same ? HOLDS : NOTHING
      return same || state === STATE.none || state === STATE.probing ? STATE.gone : NOTHING
  }
}
