/** What is decoded of a capture apart from its headers, to compare the same frames in different captures. */
import { readCapture, runBatches } from '../../cli/captures.ts'
import ieee80211 from '../../plugins/filters/ieee80211/index.ts'
import { memoryLog } from '../plugins/config.ts'
import { body, pipelineOf } from './pipeline.ts'

/** Tables that follow from the capture header; whether a record has an FCS is its header's choice as well. */
const OF_HEADERS: readonly string[] = ['wlan_radio', 'fcs', 'radiotap', 'radiotap_phy', 'ppi', 'wlancap', 'prism']
const OF_FRAMES = [...new Set(ieee80211.fields.map(({ name }) => name).filter((name) => !OF_HEADERS.includes(name)))]

type Json = Record<string, unknown>

/**
 * The events of a capture as lines of JSON, in order, without the id and what the record says of itself.
 * @param what `frames`: all that follows from the frame alone; `records`: all that is known of a record, but for its place in its file and its interface
 */
export async function comparableEvents(file: string, what: 'frames' | 'records'): Promise<string[]> {
  const events: string[] = []
  const skipped = (_offset: number, _length: number, reason: string) => events.push(`skipped: ${reason}`)
  const options = { log: memoryLog(), signal: new AbortController().signal, max_record_bytes: 2 ** 20, statistics: false, skipped }
  const { pipeline, sensor } = await pipelineOf(what === 'frames' ? OF_FRAMES : 'full', ['lines'])
  for await (const ran of runBatches(pipeline, readCapture(file, options), sensor)) {
    for (const { reason } of ran.result.bad) events.push(`rejected: ${reason}`)
    for (const line of body(ran, 0).split('\n').filter(Boolean)) events.push(comparable(JSON.parse(line) as Json, what))
  }
  return events
}

function comparable(event: Json, what: 'frames' | 'records'): string {
  const { '@timestamp': time, event: about, frame = {}, ...rest } = event
  const { id, ...kind } = about as Json
  const { interface_id, interface_name, ...record } = frame as Json
  return JSON.stringify(what === 'frames' ? { ...rest, event: kind } : { ...rest, event: kind, time, frame: record })
}

/** Where two captures differ first, in words; undefined where they do not. */
export function difference(one: readonly string[], other: readonly string[]): string | undefined {
  if (one.length !== other.length) return `${one.length} and ${other.length} events`
  const at = one.findIndex((event, i) => event !== other[i])
  return at < 0 ? undefined : `event ${at + 1}:\n  ${one[at]}\n  ${other[at]}`
}
