/** What works, but should be known before it runs: notes that only `wherry check` prints. */
import type { InputPlugin } from '../plugin.ts'
import type { Finding } from './problems.ts'
import { nameList } from './routes.ts'
import { type LoadedSection, ownOptions } from './sections.ts'

/** `--once` reads to the end, so every input must have one. */
export function checkEnds(sections: readonly LoadedSection[]): Finding[] {
  return inputsThat(sections, 'endless').map(({ at }) => ({ pointer: at, key: true, message: 'is endless, so --once would never be done' }))
}

/** Which output can stop which, and what a crash can lose. */
export function advice(sections: readonly LoadedSection[], routes: readonly { from?: unknown; to?: unknown }[]): Finding[] {
  const findings: Finding[] = []
  const replayable = inputsThat(sections, 'replayable')
  for (const section of sections) {
    const { kind, name, at } = section
    if (kind !== 'input') continue
    const outputs = [...new Set(routes.filter(({ from }) => nameList(from).includes(name)).flatMap(({ to }) => nameList(to)))]
    if (outputs.length > 1)
      findings.push({
        pointer: at,
        key: true,
        severity: 'note',
        message: `while one of ${outputs.join(', ')} is down and its queue full, this input waits, and so do the others`,
      })
    if (replayable.includes(section)) continue
    const loose = sections
      .filter((output) => output.kind === 'output' && outputs.includes(output.name) && kindOf(output) !== 'disk')
      .map((output) => output.name)
    const lost =
      loose.length > 0
        ? `what waits in memory for ${loose.join(', ')} when the process dies is lost; queue.kind: disk keeps it`
        : 'what its queues have not synced when the process dies is lost'
    findings.push({ pointer: at, key: true, severity: 'note', message: `cannot be read again: ${lost}` })
  }
  return findings
}

/** As written: what is left out is never disk. */
function kindOf({ data }: LoadedSection): unknown {
  return (data.queue as { kind?: unknown } | undefined)?.kind
}

/** The inputs of which a plugin says, always or for this config, that they are so. */
function inputsThat(sections: readonly LoadedSection[], property: 'endless' | 'replayable'): LoadedSection[] {
  return sections.filter((section) => {
    if (section.kind !== 'input' || !section.valid) return false
    const says = (section.plugin as InputPlugin)[property]
    return typeof says === 'function' ? says(ownOptions(section) as never) : says === true
  })
}
