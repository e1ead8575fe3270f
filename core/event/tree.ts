/** The nesting of field paths: which objects a written event consists of, in the order of the field numbers. */
import type { Fields, KnownField } from './fields.ts'

export interface Branch {
  readonly key: string
  readonly members: (Branch | Leaf)[]
}
export interface Leaf {
  readonly key: string
  readonly field: KnownField
}

export function fieldTree(fields: Fields): Branch {
  const root: Branch = { key: '', members: [] }
  const branches = new Map<string, Branch>([['', root]])
  for (const field of fields.all) {
    if (!field) continue
    const steps = field.path.split('.')
    let branch = root
    for (let depth = 1; depth < steps.length; depth++) {
      const path = steps.slice(0, depth).join('.')
      let next = branches.get(path)
      if (!next) {
        next = { key: steps[depth - 1], members: [] }
        branches.set(path, next)
        branch.members.push(next)
      }
      branch = next
    }
    branch.members.push({ key: steps[steps.length - 1], field })
  }
  return root
}
