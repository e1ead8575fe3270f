/**
 * The routes of one input as a prefix tree: filters that several routes begin with run once. Plain data, derived the same way on both
 * threads, so that counters can cross as bare numbers.
 */
import type { Route, ShipperConfig } from '../config/types.ts'

export interface PlanNode {
  /** Name of the filter section; undefined for the root. */
  readonly filter?: string
  readonly parent: number
  readonly children: number[]
  /** Leaves that end at this node. */
  readonly leaves: number[]
}

/** A route that ends at a node. */
export interface PlanLeaf {
  /** Index in `routes:`. */
  readonly route: number
  readonly node: number
  readonly when?: string
  /** Indexes in `outputs:`. */
  readonly outputs: readonly number[]
}

export interface Plan {
  readonly input: string
  /** Node 0 is the root; parents come before their children. */
  readonly nodes: readonly PlanNode[]
  readonly leaves: readonly PlanLeaf[]
}

export function planInput(config: Pick<ShipperConfig, 'routes' | 'outputs'>, input: string): Plan {
  const nodes: PlanNode[] = [{ parent: -1, children: [], leaves: [] }]
  const leaves: PlanLeaf[] = []
  config.routes.forEach((route: Route, index) => {
    if (!route.from.includes(input)) return
    let node = 0
    for (const filter of route.through) {
      let next = nodes[node].children.find((child) => nodes[child].filter === filter)
      if (next === undefined) {
        next = nodes.length
        nodes.push({ filter, parent: node, children: [], leaves: [] })
        nodes[node].children.push(next)
      }
      node = next
    }
    nodes[node].leaves.push(leaves.length)
    const outputs = route.to.map((name) => config.outputs.findIndex((output) => output.name === name))
    leaves.push({ route: index, node, when: route.when, outputs: [...new Set(outputs)] })
  })
  return { input, nodes, leaves }
}

/** The nodes from the root down to a node, the root left out. */
export function pathTo(plan: Plan, node: number): number[] {
  const path: number[] = []
  for (let at = node; at > 0; at = plan.nodes[at].parent) path.unshift(at)
  return path
}
