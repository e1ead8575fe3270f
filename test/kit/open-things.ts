/** What the process has open: descriptors where the system lists them, sockets, servers, children, timers. */
import { readdirSync, readlinkSync } from 'node:fs'
import { setImmediate } from 'node:timers/promises'

export function openThings(): string[] {
  return [...process.getActiveResourcesInfo(), ...descriptors()]
}

/** What is open now and was not before; waits a little for what is being closed. */
export async function openedSince(before: readonly string[]): Promise<string[]> {
  let more: string[] = []
  for (let turn = 0; turn < 200; turn++) {
    more = openThings()
    for (const thing of before) {
      const at = more.indexOf(thing)
      if (at >= 0) more.splice(at, 1)
    }
    if (more.length === 0) break
    await setImmediate()
  }
  return more
}

function descriptors(): string[] {
  let numbers: string[]
  try {
    numbers = readdirSync('/proc/self/fd')
  } catch {
    return []
  }
  return numbers.flatMap((number) => {
    try {
      const target = readlinkSync(`/proc/self/fd/${number}`)
      // The event loop's own, such as its one inotify instance, which stays.
      return target.startsWith('anon_inode:') ? [] : [target]
    } catch {
      // The descriptor that lists the folder.
      return []
    }
  })
}
