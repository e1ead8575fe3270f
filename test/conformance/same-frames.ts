/**
 * `node dist/test/conformance/same-frames.js FOLDER`: captures of the same frames must give equal events: those of one frame under six capture headers in
 * all that follows from the frame, the pcap and the pcapng form of a capture in all but the interface. Groups of which no file is there are left out.
 */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { comparableEvents, difference } from './mac-events.ts'

const GROUPS = [
  { what: 'frames', files: ['avs', 'prism', 'ppi-gps', 'radiotap-he-ts', 'be', 'be-ns'].map((name) => `derived__${name}.pcap`) },
  { what: 'records', files: ['john-samples__wpa-Induction.pcap', 'john-samples__wpa-Induction.pcapng'] },
] as const

const folder = process.argv[2] ?? '.'
let passed = 0
let failed = 0
for (const { what, files } of GROUPS) {
  const [first, ...others] = files.filter((file) => existsSync(join(folder, file)))
  if (first === undefined) continue
  const events = await comparableEvents(join(folder, first), what)
  for (const other of others) {
    const differs = difference(events, await comparableEvents(join(folder, other), what))
    if (differs === undefined && events.length > 0) passed++
    else {
      failed++
      console.log(`${first} and ${other}: ${differs ?? 'no events'}`)
    }
  }
}
if (passed + failed === 0) {
  console.log(`no two captures of the same frames in ${folder}`)
  failed++
}
console.log(`${passed} passed, ${failed} failed`)
process.exitCode = failed > 0 ? 1 : 0
