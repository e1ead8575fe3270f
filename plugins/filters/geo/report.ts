/** What gpsd says, line by line: JSON objects with a `class`; a TPV is a fix (gpsd_json(5)). */
import { FIX, FIX_WIDTH, isPlace } from './fix.ts'

export interface Report {
  /** The receiver's own time, to tell a fix that is only said again. */
  readonly time: string | undefined
  /** As the feed has it. */
  readonly fix: number[]
}

/**
 * The fix of a line; undefined when the line has none (another class, no fix yet, a place that cannot be).
 * @throws SyntaxError when the line is no JSON
 */
export function readReport(line: string): Report | undefined {
  // Old versions write nan, which is no JSON.
  const said = JSON.parse(line.replace(/:\s*-?nan\b/gi, ':null')) as Record<string, unknown> | null
  if (said?.class !== 'TPV') return undefined
  const number = (...names: string[]): number => {
    for (const name of names) if (typeof said[name] === 'number' && Number.isFinite(said[name])) return said[name]
    return Number.NaN
  }
  const mode = number('mode')
  const [lat, lon] = [number('lat'), number('lon')]
  if (!(mode >= 2) || !isPlace(lat, lon)) return undefined
  const fix = new Array<number>(FIX_WIDTH).fill(Number.NaN)
  fix[FIX.mode] = mode
  fix[FIX.lat] = lat
  fix[FIX.lon] = lon
  if (mode >= 3) fix[FIX.alt] = number('altMSL', 'alt', 'altHAE')
  const accuracy = number('eph')
  fix[FIX.accuracy] = Number.isNaN(accuracy) ? Math.hypot(number('epx'), number('epy')) : accuracy
  fix[FIX.speed] = number('speed')
  fix[FIX.heading] = number('track')
  return { time: typeof said.time === 'string' ? said.time : undefined, fix }
}

/** @throws Error when the text is no address */
export function gpsdAddress(text: string): { host: string; port: number } {
  const [, ipv6, name, port = '2947'] = /^(?:\[([0-9a-f:.]+)\]|([^:\s/]+))(?::(\d{1,5}))?$/i.exec(text) ?? []
  const host = ipv6 ?? name
  if (host === undefined || Number(port) < 1 || Number(port) > 65535) throw new Error(`gpsd: ${text} is no address; write host or host:port`)
  return { host, port: Number(port) }
}
