/** How the lines of a sentence are read: worked out once for each sentence that was subscribed. */
import { kismetRecord, type RecordKey } from '../fields.ts'
import type { Filler, Kind } from '../fill.ts'
import type { Source } from '../records.ts'
import { formOf, SENTENCES, type SentenceForm } from './sentences.ts'
import { CRYPT, nothingOf, TYPES } from './values.ts'

/** How a field is read. */
export const OP = { none: 0, mac: 1, int: 2, float: 3, bool: 4, u64: 5, ip: 6, text: 7, ints: 8, ssid: 9, frequencies: 10, country: 11 } as const
type Op = (typeof OP)[keyof typeof OP]

export interface Reading {
  readonly op: Op
  /** As the server names it, and ours. */
  readonly name: string
  readonly key: RecordKey
  /** Number of the field. */
  readonly place: number
  /** Values that mean "never had one"; NaN where there are fewer than two. */
  readonly none: number
  readonly none2: number
}

export interface Plan {
  readonly name: string
  readonly clock: SentenceForm['clock']
  readonly kind: Kind
  readonly readings: readonly Reading[]
  /** Places of the identifying fields in the line. */
  readonly key: readonly number[]
  readonly counters: readonly number[]
  readonly time: number
  readonly usec: number
  readonly known: boolean
  readonly dataset: string
  /** What begins the text that makes ids. */
  readonly idHead: Uint8Array
  readonly places: boolean
}

/** Texts that many lines have. */
export const LINE_TEXTS: readonly string[] = [...Object.keys(SENTENCES).map(datasetOf), ...Object.values(TYPES).flatMap(Object.values), ...CRYPT]

/** The plan of a sentence; undefined when it was not asked for. */
export function makePlan(name: string, source: Source, filler: Filler): Plan | undefined {
  const names = Object.hasOwn(source.sentences, name) ? source.sentences[name] : undefined
  if (!names) return undefined
  const form = formOf(name)
  const place = (field: string) => names.indexOf(field)
  const readings = names.map((field) => readingOf(name, field, filler))
  return {
    name,
    clock: form.clock,
    kind: kindOf(name, form.clock),
    readings,
    key: form.key.map(place).filter((i) => i >= 0),
    counters: form.counters.map(place).filter((i) => i >= 0),
    time: form.clock === 'lasttime' ? place('lasttime') : form.clock === 'alert' ? place('sec') : -1,
    usec: form.clock === 'alert' ? place('usec') : -1,
    known: Object.hasOwn(SENTENCES, name),
    dataset: datasetOf(name),
    idHead: Buffer.from(`${name}\0${source.start}\0`, 'latin1'),
    places: readings.some(({ op, key }) => op !== OP.none && (key === 'bestlat' || key === 'agglat' || key === 'gpsfixed')),
  }
}

/** How a field of a sentence is read; some are read elsewhere or not kept. */
function readingOf(sentence: string, name: string, filler: Filler): Reading {
  const { names, fields } = formOf(sentence)
  const key = Object.hasOwn(names, name)
    ? names[name]
    : SPECIAL[name]
      ? SPECIAL[name].key
      : Object.hasOwn(kismetRecord.at, name)
        ? (name as RecordKey)
        : undefined
  if (key === undefined || !fields.includes(name)) return { op: OP.none, name, key: 'values', place: 0, none: Number.NaN, none2: Number.NaN }
  const { type, list } = filler.field(key)
  const op = SPECIAL[name]?.op ?? (list ? OP.ints : (OPS[type] ?? OP.text))
  const [none = Number.NaN, none2 = Number.NaN] = nothingOf(key)
  return { op, name, key, place: filler.base + kismetRecord.at[key], none, none2 }
}

const OPS: Readonly<Record<string, Op>> = { mac: OP.mac, int: OP.int, float: OP.float, bool: OP.bool, u64: OP.u64, ip: OP.ip, text: OP.text }

/** Fields with a form of their own. */
const SPECIAL: Readonly<Record<string, { readonly op: Op; readonly key: RecordKey } | undefined>> = {
  ssid: { op: OP.ssid, key: 'ssid' },
  freqmhz: { op: OP.frequencies, key: 'freq_mhz' },
  dot11d: { op: OP.country, key: 'country' },
}

function datasetOf(sentence: string): string {
  return `kismet.${sentence.toLowerCase()}`
}

function kindOf(name: string, clock: string): Kind {
  if (name === 'ALERT') return 'alert'
  if (name === 'STATUS' || name === 'STRING' || name === 'CRITFAIL') return 'event'
  return clock === 'sample' ? 'metric' : 'state'
}
