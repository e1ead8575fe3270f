/**
 * Devices send the same headers in frame after frame, and access points the same elements in beacon after beacon: of such a frame only what differs is
 * decoded and written (core/event/repeats.ts).
 *
 * A run is the capture header with the MAC header, but for its addresses; of management frames it goes on to the end of the elements, where these are not encrypted.
 * Action frames are left out, since they differ, and so is what has a problem.
 */
import type { Event } from '../../../core/event/event.ts'
import type { FieldTable } from '../../../core/event/fields.ts'
import { CUT } from '../../../core/event/machine/numbers.ts'
import { Repeats, type Run } from '../../../core/event/repeats.ts'
import { aboveOf, headerBytes } from './above.ts'
import { u16 } from './bytes.ts'
import type { KnownCrc } from './crc.ts'
import type { Chain } from './elements/chain.ts'
import { varies } from './elements/traffic.ts'
import { LINK } from './link.ts'
import type { Place } from './place.ts'
import type { RadiotapDecoder } from './radiotap.ts'
import { type Layout, layoutOf, TLVS } from './radiotap-layout.ts'
import { isExchanged, runReads } from './repeat-reads.ts'
import { tellLayout } from './told-layouts.ts'

/** What is known of a run beside its bytes; places count from its first byte, -1 is none. */
export interface Known {
  link: number
  /** Radiotap's, undefined when there is none. */
  layout: Layout | undefined
  mac: number
  body: number
  qos: number
  htc: number
  control: number
  fcs: number
  badFcs: boolean
  padded: boolean
  /** The first element; -1 when the run ends with the header. */
  elements: number
  /** Lazy tables of such a record. */
  pending: number
  /** For the FCS of runs that are whole frames. */
  readonly crc: KnownCrc
}

/** Bits of the frame control, as a little-endian number. */
const TYPE = 0xc
const MANAGEMENT = 0
const CONTROL = 0x4
const DATA = 0x8
const BOTH_DS = 0x300
const QOS = 0x80
/** The control subtype that wraps another frame, and the management subtype of authentication. */
const WRAPPER = 7
const AUTHENTICATION = 11
const PROTECTED = 0x4000

/** Offsets in the MAC header. */
const DURATION = 2
const TRANSMITTER = 10
const TWO_ADDRESSES = 16
const SEQUENCE = 22
const FOURTH = 24
/** Where management frames have their body, and authentication its status. */
const BODY = 24
const STATUS = 28
/** Bytes of the shortest header. */
const SHORTEST = 10
/** QoS control: aggregated, so that the body has addresses of its own. */
const AMSDU = 0x80
/** Bytes of a beacon's time stamp, the first of its fixed fields. */
const TIMESTAMP = 8
/** Bytes from one to the next of those that tell what one station says from what another does. */
const STRIDE = 12

export interface Memory {
  /** Finds the record's run and sets the places that follow from it; the frame's end is the caller's. */
  recall(event: Event, link: number, place: Place): Run<Known> | undefined
  /** Remembers what `place` says of the record that `recall` did not find, up to `end`. `elements` is the first element, -1 when the run ends with the header. */
  learn(event: Event, link: number, place: Place, end: number, elements: number, pending: number): void
}

export function memory(event: Event, tables: readonly FieldTable[], tap: RadiotapDecoder, chain: Chain): Memory {
  const repeats = new Repeats<Known>(event, tables, newKnown)
  const readsOf = runReads(event)
  /** Hash of the record at hand, NaN when it cannot be one of these; and its kind: what is above its MAC (above.ts), and whether it is cut. */
  let sum = Number.NaN
  let kind = 0

  /** The same for equal runs, and different for what is received in turns: of other types, at other rates, on other channels, beacons of others. */
  const hash = ({ bytes, wide, start, end }: Event, link: number): number => {
    kind = 0
    let mac = start
    let mixed = 0
    if (link === LINK.radiotap) {
      mac = start + 8 <= end ? start + u16(bytes, start + 2) : end
      if (mac < start + 8 || mac + SHORTEST > end) return Number.NaN
      const { telling } = layoutOf(bytes, start, mac)
      for (let i = 0; i < telling.length; i++) if (start + telling[i] < mac) mixed = Math.imul(mixed, 31) + bytes[start + telling[i]]
    } else if (link !== LINK.ieee80211 || mac + SHORTEST > end) return Number.NaN
    const control = u16(bytes, mac)
    mixed = mix(control, mixed)
    const type = control & TYPE
    if (type === MANAGEMENT) {
      if (mac + SEQUENCE > end) return Number.NaN
      if (isExchanged(control)) {
        // Addresses change more often than what is said; the last bytes are another FCS each time.
        mixed = mix(mixed, end - mac)
        for (let at = mac + BODY; at + 8 <= end; at += STRIDE) mixed = mix(mixed, wide.getInt32(at, true))
        // A status of authentication or a reason stands where an FCS would be taken for it above.
        const said = mac + (((control >> 4) & 15) === AUTHENTICATION ? STATUS : BODY)
        if (said + 2 <= end) mixed = mix(mixed, u16(bytes, said))
      } else if ((control & PROTECTED) === 0) mixed = mix(mixed, wide.getInt32(mac + TRANSMITTER + 2, true))
    } else if (type === DATA) {
      const qos = mac + ((control & BOTH_DS) === BOTH_DS ? FOURTH + 6 : FOURTH)
      if (control & QOS && qos < end) mixed = mix(mixed, bytes[qos])
    }
    kind = aboveOf(bytes, control, mac, end)
    mixed = mix(mixed, kind)
    return mixed ^ (mixed >>> 15)
  }

  const recall = (event: Event, link: number, place: Place): Run<Known> | undefined => {
    sum = hash(event, link)
    if (Number.isNaN(sum)) return undefined
    if (place.cut) kind |= CUT
    const { start } = event
    const run = repeats.find(sum, kind, event, start)
    if (run === undefined || run.found.link !== link) return undefined
    const { layout, mac, body, qos, htc, control, fcs, badFcs, padded } = run.found
    if (layout !== undefined) tap.resume(layout, start, start + mac)
    place.mac = start + mac
    place.body = start + body
    place.qos = qos < 0 ? -1 : start + qos
    place.htc = htc < 0 ? -1 : start + htc
    place.control = control
    place.fcs = fcs
    place.badFcs = badFcs
    place.padded = padded
    return run
  }

  const learn = (event: Event, link: number, place: Place, end: number, elements: number, pending: number) => {
    const { bytes, start } = event
    if (Number.isNaN(sum) || (place.qos >= 0 && bytes[place.qos] & AMSDU)) return
    const above = kind & ~CUT
    // A header that is padded ends elsewhere than where `above` was looked for.
    if (above !== 0 && (place.control & TYPE) === DATA && place.body !== place.mac + headerBytes(place.control)) return
    const run = repeats.learn(sum, kind, event, start, end)
    if (run === undefined) return
    const { found } = run
    if (link === LINK.radiotap && tap.layout !== undefined) tellLayout(tap.layout, place.mac - start)
    found.link = link
    found.layout = link === LINK.radiotap ? tap.layout : undefined
    found.mac = place.mac - start
    found.body = place.body - start
    found.qos = place.qos < 0 ? -1 : place.qos - start
    found.htc = place.htc < 0 ? -1 : place.htc - start
    found.control = place.control
    found.fcs = place.fcs
    found.badFcs = place.badFcs
    found.padded = place.padded
    found.elements = elements < 0 ? -1 : elements - start
    found.pending = pending
    found.crc.length = 0
    declare(run, bytes, start, elements)
    const { layout, mac, body, control, fcs, qos, htc } = found
    Object.assign(
      run,
      readsOf({ bytes, start, mac, body, control, fcs, qos, htc, above, reading: layout?.reading, chain: elements < 0 ? undefined : chain }),
    )
  }

  /** Says which bytes of a run vary, in their order. They feed no table that repeats. */
  const declare = (run: Run<Known>, bytes: Uint8Array, start: number, elements: number) => {
    const { layout, mac, body, control, qos, htc } = run.found
    if (layout !== undefined) {
      for (const [at, size] of layout.varying) run.vary(at, at + size)
      // Behind the last field drivers leave what they please.
      if (layout.first[TLVS] < 0) run.vary(layout.need, mac)
    }
    const type = control & TYPE
    if (elements < 0) {
      // Whoever sends, and to whom: the addresses are read from each frame.
      run.vary(mac + DURATION, mac + varyingHeader(control, body - mac))
      if (type === CONTROL) return
      if (type === DATA && (control & BOTH_DS) === BOTH_DS) run.vary(mac + FOURTH, mac + FOURTH + 6)
      // The upper byte of QoS control: queue sizes and the like.
      if (qos >= 0) run.vary(qos + 1, qos + 2)
      if (htc >= 0) run.vary(htc, htc + 4)
      return
    }
    // Beacons are an access point's own; its probe responses go to one station after the other.
    if (isExchanged(control)) run.vary(mac + DURATION, mac + FOURTH)
    else {
      run.vary(mac + DURATION, mac + TRANSMITTER)
      run.vary(mac + SEQUENCE, mac + FOURTH)
    }
    if (htc >= 0) run.vary(htc, htc + 4)
    if (!isExchanged(control)) run.vary(body, body + TIMESTAMP)
    for (let i = 0; i < chain.count; i++) {
      const at = chain.at[i]
      if (varies(bytes[at])) run.vary(at + 2 - start, at + 2 + bytes[at + 1] - start)
    }
  }

  return { recall, learn }
}

/** Bytes of a header without elements behind it whose values are all read from the frame, from its first byte on. */
function varyingHeader(control: number, length: number): number {
  const type = control & TYPE
  if (type !== CONTROL) return FOURTH
  return Math.min(length, ((control >> 4) & 15) === WRAPPER ? TRANSMITTER : TWO_ADDRESSES)
}

function mix(a: number, b: number): number {
  const sum = Math.imul(a ^ b, 0x85ebca6b)
  return sum ^ (sum >>> 13)
}

function newKnown(): Known {
  return {
    link: -1,
    layout: undefined,
    mac: 0,
    body: 0,
    qos: -1,
    htc: -1,
    control: 0,
    fcs: 0,
    badFcs: false,
    padded: false,
    elements: -1,
    pending: 0,
    crc: { length: 0, place: 0, whole: false },
  }
}
