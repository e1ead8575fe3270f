/** The slow path: events as plain objects. Oracle of the generated writers, and convenient where speed does not matter. */
import type { Event, Value } from './event.ts'
import type { Fields } from './fields.ts'
import { type Branch, fieldTree } from './tree.ts'
import { readValue } from './values.ts'

export interface EventObject {
  [key: string]: Value | EventObject
}

const trees = new WeakMap<Fields, Branch>()

/** The shown fields of an event as nested objects, keys in the order the writers write them. */
export function toObject(event: Event): EventObject {
  let tree = trees.get(event.fields)
  if (!tree) trees.set(event.fields, (tree = fieldTree(event.fields)))
  return branchObject(event, tree) ?? {}
}

function branchObject(event: Event, branch: Branch): EventObject | undefined {
  const object: EventObject = {}
  let any = false
  for (const member of branch.members) {
    const value = 'field' in member ? shownValue(event, member.field.number) : branchObject(event, member)
    if (value === undefined) continue
    object[member.key] = value
    any = true
  }
  return any ? object : undefined
}

function shownValue(event: Event, number: number): Value | undefined {
  if ((event.show[number >>> 5] & (1 << (number & 31))) === 0 || !event.present(number)) return undefined
  return readValue(event, event.fields.all[number]!)
}

/** JSON with exact integers of any size. */
export function exactJson(value: Value | EventObject): string {
  if (typeof value === 'bigint') return value.toString()
  if (Array.isArray(value)) return `[${value.map(exactJson).join()}]`
  if (typeof value === 'object') {
    const members = Object.entries(value as EventObject).map(([key, member]) => `${JSON.stringify(key)}:${exactJson(member)}`)
    return `{${members.join()}}`
  }
  return JSON.stringify(value)
}
