/** Puts what the database says of a packet's addresses into the event. */

import { ipText } from '../../../core/event/values.ts'
import type { Event, FeedView, Fields } from '../../../core/plugin.ts'
import { geoip } from './fields.ts'
import { type Database, openDatabase, type Whereabouts, whereabouts } from './geoip.ts'

/** Answers that are remembered. */
const REMEMBERED = 4096

const ADDRESSES = { source: ['ip.src', 'ipv6.src', 'kismet.ip'], destination: ['ip.dst', 'ipv6.dst'] } as const

export function endsPlacer(fields: Fields, feed: FeedView): (event: Event) => void {
  const base = fields.base(geoip)
  const ends = (['source', 'destination'] as const).map((end) => ({
    addresses: ADDRESSES[end].flatMap((path) => fields.find(path)?.number ?? []),
    country: base + geoip.at[`${end}_country`],
    region: base + geoip.at[`${end}_region`],
    city: base + geoip.at[`${end}_city`],
    location: base + geoip.at[`${end}_location`],
    as: base + geoip.at[`${end}_as`],
    organization: base + geoip.at[`${end}_organization`],
  }))
  let bytes: Uint8Array | undefined
  let database: Database | undefined
  const answers = new Map<string, Whereabouts | undefined>()

  function ask(address: string): Whereabouts | undefined {
    if (answers.has(address)) return answers.get(address)
    if (answers.size === REMEMBERED) answers.clear()
    const answer = whereabouts(database!, address)
    answers.set(address, answer)
    return answer
  }

  return (event) => {
    event.claim(base, geoip.fields.length)
    if (feed.bytes !== bytes) {
      bytes = feed.bytes
      database = bytes && openDatabase(bytes)
      answers.clear()
    }
    if (!database) return
    for (const end of ends) {
      const address = end.addresses.find((number) => event.present(number))
      if (address === undefined) continue
      const answer = ask(ipText(Uint8Array.from(event.view(event.a[address], event.b[address]))))
      if (!answer) continue
      const text = (number: number, value: Uint8Array | undefined) => {
        if (value) event.put(number, event.keep(value), value.length)
      }
      text(end.country, answer.country)
      text(end.region, answer.region)
      text(end.city, answer.city)
      text(end.organization, answer.organization)
      if (answer.as !== undefined) event.put(end.as, answer.as)
      if (answer.lat !== undefined) event.put(end.location, answer.lat, answer.lon)
    }
  }
}
