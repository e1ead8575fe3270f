/** Link types, and the headers in front of the MAC frame that each means. */
import type { Event } from '../../../core/event/event.ts'
import type { Fields } from '../../../core/event/fields.ts'
import { avsDecoder, isAvs } from './avs.ts'
import { u16be } from './bytes.ts'
import { type Place, resetChannel, resetReading } from './place.ts'
import { ppiDecoder } from './ppi.ts'
import { prismDecoder } from './prism.ts'
import type { RadiotapDecoder } from './radiotap.ts'

/** LINKTYPE_ values (tcpdump.org/linktypes.html). */
export const LINK = { ethernet: 1, ieee80211: 105, cooked: 113, prism: 119, radiotap: 127, avs: 163, ppi: 192 } as const

/** What became of the headers. */
export const FOUND = { frame: 0, notWifi: 1, broken: 2 } as const

const COOKED_LENGTH = 16
const ARPHRD_RADIOTAP = 803
const ARPHRD_IEEE80211 = 801
const ARPHRD_PRISM = 802

export interface Headers {
  /** Decodes all before the MAC frame and sets `place.mac`, `place.end` (FCS still included) and `place.fcs`; returns one of FOUND. */
  decode(event: Event, place: Place, link: number, length: number): number
  /** Why the headers are broken, in part or whole; '' when they are not. */
  problem: string
  /** Whether radiotap was among them. */
  radiotap: boolean
}

export function headers(fields: Fields, radiotap: RadiotapDecoder): Headers {
  const ppi = ppiDecoder(fields)
  const avs = avsDecoder(fields)
  const prism = prismDecoder(fields)

  const self: Headers = {
    problem: '',
    radiotap: false,
    decode(event, place, link, length) {
      const { start, end } = event
      self.problem = ''
      self.radiotap = false
      if (link !== LINK.radiotap) {
        resetChannel(place.radio)
        resetReading(place.radio)
      }
      place.cut = end - start < length
      const found = header(event, place, link, start, end)
      if (found !== FOUND.frame) return found
      place.end = end
      return FOUND.frame
    },
  }

  const header = (event: Event, place: Place, link: number, at: number, end: number): number => {
    switch (link) {
      case LINK.ieee80211:
        place.mac = at
        return FOUND.frame
      case LINK.radiotap:
        self.radiotap = true
        place.mac = radiotap.enter(event.bytes, place, at, end)
        self.problem = radiotap.problem()
        // Where its header cannot be read, the reading of the record before must not be taken for this one's.
        if (radiotap.layout === undefined) resetReading(place.radio)
        return place.mac < 0 ? FOUND.broken : FOUND.frame
      case LINK.prism:
      case LINK.avs:
        if (isAvs(event.bytes, at, end)) {
          place.mac = avs(event, place, at, end)
          if (place.mac < 0) self.problem = 'avs: header cut short'
        } else {
          place.mac = prism(event, place, at, end)
          if (place.mac < 0) self.problem = 'prism: header cut short'
        }
        return place.mac < 0 ? FOUND.broken : FOUND.frame
      case LINK.ppi: {
        const result = ppi(event, place, at, end)
        self.problem = result.problem
        if (result.at < 0) return FOUND.broken
        // PPI in PPI is not a thing; any other link type that is not WiFi is left alone.
        return result.link === LINK.ppi ? FOUND.notWifi : header(event, place, result.link, result.at, end)
      }
      case LINK.cooked:
        return cooked(event, place, at, end)
      default:
        return FOUND.notWifi
    }
  }

  const cooked = (event: Event, place: Place, at: number, end: number): number => {
    if (at + COOKED_LENGTH > end) return FOUND.notWifi
    switch (u16be(event.bytes, at + 2)) {
      case ARPHRD_RADIOTAP:
        return header(event, place, LINK.radiotap, at + COOKED_LENGTH, end)
      case ARPHRD_IEEE80211:
        return header(event, place, LINK.ieee80211, at + COOKED_LENGTH, end)
      case ARPHRD_PRISM:
        return header(event, place, LINK.prism, at + COOKED_LENGTH, end)
      default:
        return FOUND.notWifi
    }
  }

  return self
}
