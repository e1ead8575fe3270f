/** Times as people write them in a condition. Always UTC unless they say otherwise: a sensor's own zone must not change what matches. */

const ISO = /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)?)?(?: ?(?:Z|UTC|([+-])(\d\d):?(\d\d)))?$/
/** Wireshark's own: `Sep 26, 2004 23:18:04.954975`. */
const OWN = /^([A-Z][a-z]{2}) +(\d{1,2}), (\d{4})(?: (\d\d:\d\d)(?::(\d\d)(?:\.(\d{1,9}))?)?)?(?: UTC)?$/
const EPOCH = /^(\d{1,11})(?:\.(\d{1,9}))?$/
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

export interface Time {
  readonly seconds: number
  readonly nanos: number
}

/**
 * Reads a time, exact to the nanosecond; undefined when it is none.
 * @param epoch whether it is seconds since 1970
 */
export function parseWhenTime(text: string, epoch: boolean): Time | undefined {
  if (epoch) {
    const parts = EPOCH.exec(text)
    return parts ? { seconds: Number(parts[1]), nanos: nanosOf(parts[2]) } : undefined
  }
  const own = OWN.exec(text)
  if (own) {
    const month = String(MONTHS.indexOf(own[1]) + 1).padStart(2, '0')
    return timeOf(`${own[3]}-${month}-${own[2].padStart(2, '0')}`, own[4], own[5], own[6])
  }
  const iso = ISO.exec(text)
  const time = iso ? timeOf(iso[1], iso[2], iso[3], iso[4]) : undefined
  if (!iso?.[5] || !time) return time
  const offset = (Number(iso[6]) * 60 + Number(iso[7])) * 60
  return { seconds: time.seconds + (iso[5] === '-' ? offset : -offset), nanos: time.nanos }
}

function timeOf(day: string, minute = '00:00', second = '00', fraction?: string): Time | undefined {
  const ms = Date.parse(`${day}T${minute}:${second}Z`)
  // Date.parse takes the 30th of February for the 2nd of March.
  if (Number.isNaN(ms) || !new Date(ms).toISOString().startsWith(day)) return undefined
  return { seconds: ms / 1000, nanos: nanosOf(fraction) }
}

function nanosOf(fraction = ''): number {
  return Number(fraction.padEnd(9, '0'))
}
