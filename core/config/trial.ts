/** Makes the pure half of every section once: what a plugin finds wrong only then, such as a field that no other plugin declares, is the user's mistake too. */
import { Event } from '../event/event.ts'
import type { Fields } from '../event/fields.ts'
import type { PureContext } from '../plugin.ts'
import { pureContext } from '../route/context.ts'
import type { Finding } from './problems.ts'
import { type LoadedSection, ownOptions } from './sections.ts'

/** Names are of no matter here. */
const SENSOR = { name: '', id: '' }

/** @param sections all of the config, without findings */
export function tryParts(sections: readonly LoadedSection[], fields: Fields): Finding[] {
  const findings: Finding[] = []
  for (const section of sections) {
    try {
      make(section, pureContext(section.name, new Event(fields), SENSOR))
    } catch (error) {
      findings.push({ pointer: section.at, key: true, message: error instanceof Error ? error.message : String(error) })
    }
  }
  return findings
}

function make(section: LoadedSection, context: PureContext): void {
  const { plugin } = section
  const options = ownOptions(section) as never
  if (plugin.kind === 'input') plugin.decoder(options, context)
  else if (plugin.kind === 'filter') plugin.create(options, context)
  else plugin.encoder(options, context)
}
