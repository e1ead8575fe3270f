/** A user's own database of IP addresses, in MaxMind's format. */
import { createRequire } from 'node:module'

const require = createRequire(import.meta.url)

/** What databases of countries, cities and networks say; any of it may be missing or something else. */
interface Said {
  readonly country?: { readonly iso_code?: unknown }
  readonly registered_country?: { readonly iso_code?: unknown }
  readonly country_code?: unknown
  readonly city?: { readonly names?: { readonly en?: unknown } } | string
  readonly subdivisions?: readonly { readonly iso_code?: unknown }[]
  readonly location?: { readonly latitude?: unknown; readonly longitude?: unknown }
  readonly latitude?: unknown
  readonly longitude?: unknown
  readonly autonomous_system_number?: unknown
  readonly autonomous_system_organization?: unknown
}

export interface Database {
  get(address: string): unknown
}

/** What is told of an address. */
export interface Whereabouts {
  readonly country?: Uint8Array
  readonly region?: Uint8Array
  readonly city?: Uint8Array
  readonly organization?: Uint8Array
  readonly as?: number
  readonly lat?: number
  readonly lon?: number
}

/** @throws Error when the bytes are no database */
export function openDatabase(bytes: Uint8Array): Database {
  const { Reader } = require('mmdb-lib') as typeof import('mmdb-lib')
  return new Reader(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length))
}

/** What a database says of an address; undefined when nothing, or when it is broken there. */
export function whereabouts(database: Database, address: string): Whereabouts | undefined {
  let said: Said | null
  try {
    said = database.get(address) as Said | null
  } catch {
    return undefined
  }
  if (typeof said !== 'object' || said === null) return undefined
  const country = text(said.country?.iso_code ?? said.country_code ?? said.registered_country?.iso_code)
  const region = said.subdivisions?.[0]?.iso_code
  const lat = number(said.location?.latitude ?? said.latitude)
  const lon = number(said.location?.longitude ?? said.longitude)
  const placed = lat !== undefined && lon !== undefined && Math.abs(lat) <= 90 && Math.abs(lon) <= 180
  return {
    country,
    region: country && typeof region === 'string' ? text(`${Buffer.from(country)}-${region}`) : undefined,
    city: text(typeof said.city === 'string' ? said.city : said.city?.names?.en),
    organization: text(said.autonomous_system_organization),
    as: number(said.autonomous_system_number),
    ...(placed ? { lat, lon } : {}),
  }
}

function text(value: unknown): Uint8Array | undefined {
  return typeof value === 'string' && value !== '' ? Buffer.from(value) : undefined
}

/** Databases may hold numbers as text. */
function number(value: unknown): number | undefined {
  const found = typeof value === 'string' && value !== '' ? Number(value) : value
  return typeof found === 'number' && Number.isFinite(found) ? found : undefined
}
