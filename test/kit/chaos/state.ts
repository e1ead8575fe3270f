/** What a chaos output has seen, for a test to look at; by name, since the plugin is made by the core. */

export interface ChaosOptions {
  readonly name: string
  readonly seed: number
  readonly fail_rate: number
  readonly lost_ack_rate: number
  readonly retry_rate: number
  readonly reject_rate: number
  readonly late_rate: number
  readonly hang_rate: number
  readonly late_ms: number
  readonly calm_after: number
  readonly dedupe: boolean
  readonly file?: string
}

export class ChaosState {
  /** Every event taken, in order, as often as it was taken: lines of JSON without their ends. */
  readonly accepted: string[] = []
  /** Every event refused for good. */
  readonly rejected: string[] = []
  /** Breaches of the contract by the core. */
  readonly violations: string[] = []
  /** Calls of `write`. */
  attempts = 0
  /** Writes under way, and the most there were. */
  active = 0
  mostActive = 0
  open = false
}

const states = new Map<string, ChaosState>()

/** The state of the chaos output with this name; a new one when it has not been made yet. */
export function chaosState(name: string): ChaosState {
  let state = states.get(name)
  if (!state) states.set(name, (state = new ChaosState()))
  return state
}
