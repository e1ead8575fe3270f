/** What an input's records and events came to; see books.ts. */
import type { Plan } from '../route/plan.ts'
import type { NodeCounts, RunResult } from '../route/result.ts'

export class FeedCounts {
  read = 0
  decoded = 0
  rejected = 0
  thread_deaths = 0
  early_flushes = 0
  /** By place in the plan. */
  readonly nodes: NodeCounts[]
  readonly leaves: { not_matched: number[]; failed: number[] }[]

  constructor({ nodes, leaves }: Plan) {
    this.nodes = nodes.map(() => ({ dropped: 0, created: 0, failed: 0, shed: 0 }))
    this.leaves = leaves.map(({ outputs }) => ({ not_matched: outputs.map(() => 0), failed: outputs.map(() => 0) }))
  }

  /** A record that never reached a pipeline, or that no thread survives. */
  lost(): void {
    this.read++
    this.rejected++
  }

  /** Records that a run went through. */
  ran(records: number, { decoded, bad }: RunResult): void {
    this.read += records
    this.decoded += decoded
    this.rejected += bad.filter(({ undecoded }) => undecoded).length
  }

  /**
   * What happened in the tree of routes.
   * @returns the places of filters that shed for the first time
   */
  tree({ nodes, leaves }: RunResult): number[] {
    const shedding = nodes.flatMap(({ shed }, i) => (shed > 0 && this.nodes[i].shed === 0 ? [i] : []))
    nodes.forEach((node, i) => {
      this.nodes[i].dropped += node.dropped
      this.nodes[i].created += node.created
      this.nodes[i].failed += node.failed
      this.nodes[i].shed += node.shed
    })
    leaves.forEach((leaf, i) => {
      for (const [k, others] of leaf.not_matched.entries()) this.leaves[i].not_matched[k] += others
      for (const [k, failed] of leaf.failed.entries()) this.leaves[i].failed[k] += failed
    })
    return shedding
  }
}
