/** ANQP elements (IEEE 802.11-2020 clause 9.4.5) in the queries and answers of GAS: what a network says before anybody joins it. Part of the table of action-detail.ts. */
import type { Event } from '../../../core/event/event.ts'
import { isUtf8, u16, u32be } from './bytes.ts'
import { gathered, putPairs } from './put.ts'

const many = { type: 'int', list: true, emit: 'full', source: '9.4.5' } as const
const texts = { type: 'text', list: true, emit: 'full', source: '9.4.5' } as const

export const anqpFields = {
  infoIds: { ...many, path: 'wlan.fixed.anqp.info_id', description: 'Ids of the ANQP elements.' },
  queryIds: { ...many, path: 'wlan.fixed.anqp.query_id', description: 'Ids that are asked for.' },
  venues: { ...texts, path: 'wlan.fixed.anqp.venue.name', description: 'Names of the venue, one for each language.' },
  realms: { ...texts, path: 'wlan.fixed.anqp_nai_realm_list.realm', description: 'NAI realms whose users may join.' },
  eapMethods: { ...many, path: 'wlan.fixed.anqp_nai_realm_list.eap_method', description: 'EAP methods of the realms.' },
  domains: { ...texts, path: 'wlan.fixed.anqp.domain_name_list.name', description: 'Domains of the operator.' },
  consortium: {
    path: 'wlan.fixed.anqp.roaming_consortium.oi',
    type: 'bytes',
    list: true,
    emit: 'full',
    description: 'OIs of the roaming consortium.',
    source: '9.4.5',
  },
  authentication: {
    ...many,
    path: 'wlan.fixed.anqp.nw_auth_type.indicator',
    description: '0 terms and conditions, 1 online enrolment, 2 redirection by HTTP, 3 by DNS.',
  },
  redirects: { ...texts, path: 'wlan.fixed.anqp.nw_auth_type.url', description: 'URLs of the redirection.' },
  operators: { ...texts, path: 'wlan.hs20.anqp.ofn.name', description: 'Names of the operator, one for each language.', source: 'Hotspot 2.0' },
  hotspot: { ...many, path: 'wlan.hs20.anqp.subtype', description: 'Subtypes of Hotspot 2.0 elements.', source: 'Hotspot 2.0' },
} as const

type Key = keyof typeof anqpFields

/** Info ids, table 9-331. */
const QUERY_LIST = 256
const VENUE_NAME = 258
const AUTHENTICATION = 260
const CONSORTIUM = 261
const REALMS = 263
const DOMAINS = 268
const VENDOR = 56797
const HOTSPOT = 0x506f9a11
const OPERATOR_NAME = 3

/** Makes what reads the elements in bytes[at … end); `f` gives the places of `anqpFields` in the table that begins at `base`. */
export function anqpReader(base: number, f: Readonly<Record<Key, number>>): (event: Event, at: number, end: number) => void {
  const found = Object.fromEntries(Object.keys(anqpFields).map((key) => [key, [] as number[]])) as Record<Key, number[]>

  const text = (key: Key, bytes: Uint8Array, at: number, end: number) => {
    if (at < end && isUtf8(bytes, at, end)) found[key].push(at, end - at)
  }

  /** Length, then so many bytes, over and over; those that do not fit are left out. */
  const each = (bytes: Uint8Array, start: number, end: number, take: (at: number, to: number) => void) => {
    for (let at = start; at + 1 <= end && at + 1 + bytes[at] <= end; at += 1 + bytes[at]) take(at + 1, at + 1 + bytes[at])
  }

  /** Names with a language of three letters in front. */
  const names = (key: Key, bytes: Uint8Array, start: number, end: number) => each(bytes, start, end, (at, to) => text(key, bytes, at + 3, to))

  const realms = (bytes: Uint8Array, start: number, end: number) => {
    for (let at = start + 2; at + 2 <= end; at += 2 + u16(bytes, at)) {
      const next = at + 2 + u16(bytes, at)
      const realm = at + 4
      if (next > end || realm > next || realm + bytes[at + 3] > next) return
      text('realms', bytes, realm, realm + bytes[at + 3])
      each(bytes, realm + bytes[at + 3] + 1, next, (method, to) => {
        if (method < to) found.eapMethods.push(bytes[method])
      })
    }
  }

  const authentication = (bytes: Uint8Array, start: number, end: number) => {
    for (let at = start; at + 3 <= end && at + 3 + u16(bytes, at + 1) <= end; at += 3 + u16(bytes, at + 1)) {
      found.authentication.push(bytes[at])
      text('redirects', bytes, at + 3, at + 3 + u16(bytes, at + 1))
    }
  }

  const element = (bytes: Uint8Array, id: number, at: number, end: number) => {
    switch (id) {
      case QUERY_LIST:
        for (let i = at; i + 2 <= end; i += 2) found.queryIds.push(u16(bytes, i))
        break
      case VENUE_NAME:
        names('venues', bytes, at + 2, end)
        break
      case AUTHENTICATION:
        authentication(bytes, at, end)
        break
      case CONSORTIUM:
        each(bytes, at, end, (oi, to) => found.consortium.push(oi, to - oi))
        break
      case REALMS:
        realms(bytes, at, end)
        break
      case DOMAINS:
        each(bytes, at, end, (name, to) => text('domains', bytes, name, to))
        break
      case VENDOR:
        if (at + 6 > end || u32be(bytes, at) !== HOTSPOT) return
        found.hotspot.push(bytes[at + 4])
        if (bytes[at + 4] === OPERATOR_NAME) names('operators', bytes, at + 6, end)
    }
  }

  return (event, start, end) => {
    const { bytes } = event
    for (const key of Object.keys(found) as Key[]) found[key].length = 0
    for (let at = start; at + 4 <= end; ) {
      const next = at + 4 + u16(bytes, at + 2)
      if (next > end) break
      found.infoIds.push(u16(bytes, at))
      element(bytes, u16(bytes, at), at + 4, next)
      at = next
    }
    for (const key of Object.keys(found) as Key[]) {
      const pairs = anqpFields[key].type !== 'int'
      if (pairs) putPairs(event, base + f[key], found[key])
      else gathered(event, base + f[key], found[key])
    }
  }
}
