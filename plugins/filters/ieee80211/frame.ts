/**
 * 802.11 frames as fields.
 *
 * The capture header and the MAC header are decoded at once, which finds where the rest lies; fixed fields, elements, normalised radio values and what is
 * above LLC are lazy tables, decoded when somebody asks for one of their fields or writes it. Of a frame whose bytes came before all is lazy.
 */
import { CUT, EXCHANGED } from '../../../core/event/machine/numbers.ts'
import type { Run } from '../../../core/event/repeats.ts'
import { type Closed, type Event, type FieldTable, frame } from '../../../core/plugin.ts'
import { actionElements } from './action.ts'
import { actionDecoder, wlanAction } from './action-detail.ts'
import { avs } from './avs.ts'
import { controlDecoder, wlanControl } from './control.ts'
import { eapol, eapolDecoder, type KeyData, keyData } from './eapol.ts'
import { basicFamily } from './elements/basic.ts'
import { capabilitiesFamily } from './elements/capabilities.ts'
import { deferChain, type Family, familyDecoder, hasElement, newChain, walkChain } from './elements/chain.ts'
import { neighborsFamily } from './elements/neighbors.ts'
import { securityFamily } from './elements/security.ts'
import { tagsFamily } from './elements/tags.ts'
import { BSS_LOAD, loadFamily, trafficFamily } from './elements/traffic.ts'
import { wpsFamily } from './elements/wps.ts'
import { fcs, fcsDecoder } from './fcs.ts'
import { fingerprint, fingerprintDecoder } from './fingerprint.ts'
import { dmgElementsAt, elementsAt, fixedDecoder, timestampDecoder, wlanFixed, wlanTimestamp } from './fixed.ts'
import { ETHERTYPE, enterEthernet, enterLlc, network, networkDecoder } from './ip.ts'
import { FOUND, headers, LINK } from './link.ts'
import { macDecoder } from './mac.ts'
import { macDetailDecoder, wlanDetail } from './mac-detail.ts'
import { wlan, wlanVarying } from './mac-fields.ts'
import { macVaryingDecoder } from './mac-varying.ts'
import { macVaryingDetailDecoder, wlanVaryingDetail } from './mac-varying-detail.ts'
import { newPlace, resetChannel, resetPlace, resetReading } from './place.ts'
import { ppi } from './ppi.ts'
import { prism } from './prism.ts'
import { radioDecoder, readingDecoder, wlanRadio, wlanReading } from './radio.ts'
import { radiotapDecoder } from './radiotap.ts'
import { radiotap, radiotapReading } from './radiotap-fields.ts'
import { radiotapPhy, radiotapPhyDecoder, refineRadio } from './radiotap-phy.ts'
import { radiotapReadingDecoder } from './radiotap-reading.ts'
import { type Known, memory } from './repeat.ts'

const FAMILIES: readonly Family[] = [
  basicFamily,
  securityFamily,
  capabilitiesFamily,
  neighborsFamily,
  wpsFamily,
  tagsFamily,
  trafficFamily,
  loadFamily,
]

/** All tables, in the order in which they are written. */
export const TABLES: readonly FieldTable[] = [
  wlan,
  wlanFixed,
  ...FAMILIES.map((family) => family.table),
  wlanVarying,
  wlanDetail,
  wlanVaryingDetail,
  wlanControl,
  wlanAction,
  fingerprint,
  wlanTimestamp,
  fcs,
  wlanRadio,
  wlanReading,
  eapol,
  network,
  radiotap,
  radiotapReading,
  radiotapPhy,
  ppi,
  avs,
  prism,
]

/** Bits of the frame control. */
const VERSION = 0x3
const TYPE = 0xc
const MANAGEMENT = 0
/** Control and extension frames, which have nothing behind the header that is decoded here. */
const CONTROL = 0x4
const DATA = 0x8
/** Of data subtypes: those without a body. */
const NO_DATA = 0x40
const PROTECTED = 0x4000
/** Payload type of a tunneled direct link, IEEE 802.11-2020 table 11-19. */
const TDLS_PAYLOAD = 2
const DMG_BEACON = 0x0c
/** Subtypes, as bits: action, with and without acknowledgement. */
const ACTIONS = (1 << 13) | (1 << 14)
/** Association, reassociation and probe requests. */
const FINGERPRINTED = (1 << 0) | (1 << 2) | (1 << 4)
/** Subtypes whose elements repeat: those that stations exchange, probe response and beacon. */
const REPEATING = EXCHANGED | (1 << 5) | (1 << 8)

export interface FrameDecoder {
  /** Decodes the record. `above`: also what is above the MAC. */
  decode(event: Event, above: boolean): void
  /** What the fast path must know of the event that was decoded last (core/plugin.ts). */
  closed(event: Event): Closed | undefined
}

const decoders = new WeakMap<Event, FrameDecoder>()

/** The decoder of a pipeline's event: one for all filters, since the lazy tables of a record are the same for all. */
export function frameDecoder(pipeline: Event): FrameDecoder {
  let decoder = decoders.get(pipeline)
  if (!decoder) decoders.set(pipeline, (decoder = makeDecoder(pipeline)))
  return decoder
}

function makeDecoder(pipeline: Event): FrameDecoder {
  const { fields } = pipeline
  const place = newPlace()
  const chain = newChain()
  const key: KeyData = { at: -1, end: -1 }
  const tap = radiotapDecoder(fields, place)
  const head = headers(fields, tap)
  const mac = macDecoder(fields)
  /** Whether the frame at hand has radiotap in front. */
  let tapped = false
  /** The run that the frame at hand begins with, or is. */
  let current: Run<Known> | undefined
  const tapSteady = pipeline.lazy(radiotap, tap.steady).bit
  const tapReading = pipeline.lazy(radiotapReading, radiotapReadingDecoder(fields, tap)).bit
  const tapPhy = pipeline.lazy(radiotapPhy, radiotapPhyDecoder(fields, tap)).bit
  // Radiotap's own table decodes into the radio.
  const channel = pipeline.lazy(
    wlanRadio,
    radioDecoder(fields, place, (event, values) => {
      if (!tapped) return
      event.force(tapSteady)
      tap.locate()
      refineRadio(event, tap.places, values)
    }),
  ).bit
  const reading = pipeline.lazy(
    wlanReading,
    readingDecoder(fields, place, { layout: () => (tapped ? tap.layout?.reading : undefined), start: () => tap.places.start }),
  ).bit
  const header = pipeline.lazy(wlan, (event) => mac.decode(event, place)).bit
  const varying = pipeline.lazy(wlanVarying, macVaryingDecoder(fields, place)).bit
  const check = pipeline.lazy(
    fcs,
    fcsDecoder(fields, place, () => (current !== undefined && current.found.elements >= 0 ? current : undefined)),
  ).bit
  const detail = pipeline.lazy(wlanDetail, macDetailDecoder(fields, place)).bit
  const varyingDetail = pipeline.lazy(wlanVaryingDetail, macVaryingDetailDecoder(fields, place)).bit
  const controlled = pipeline.lazy(wlanControl, controlDecoder(fields, place)).bit
  const actions = pipeline.lazy(wlanAction, actionDecoder(fields, place, chain)).bit
  const print = pipeline.lazy(fingerprint, fingerprintDecoder(fields, chain)).bit
  const timestamp = pipeline.lazy(wlanTimestamp, timestampDecoder(fields, place)).bit
  const fixed = pipeline.lazy(wlanFixed, fixedDecoder(fields, place, chain)).bit
  const upper = pipeline.lazy(network, networkDecoder(fields, place)).bit
  const keys = pipeline.lazy(eapol, eapolDecoder(fields, place)).bit
  const elements = FAMILIES.reduce((bits, family) => bits | pipeline.lazy(family.table, familyDecoder(fields, place, chain, family)).bit, 0)
  const loads = pipeline.lazyBit(loadFamily.table)
  const known = memory(
    pipeline,
    TABLES.filter((table) => table.repeats),
    tap,
    chain,
  )
  const { link: linkAt, len: lengthAt } = frame.at
  const first = pipeline.frameBase
  const word = first >>> 5

  return { decode, closed }

  function decode(event: Event, above: boolean): void {
    const has = event.has[word]
    if ((has & (1 << linkAt)) === 0) return
    const { start, end } = event
    const link = event.a[first + linkAt]
    const length = has & (1 << lengthAt) ? Math.max(event.a[first + lengthAt], end - start) : end - start
    begin(event, length)
    if (!again(event, link, length, above)) anew(event, link, length, above)
  }

  function begin({ start, end }: Event, length: number): void {
    resetPlace(place)
    current = undefined
    place.end = end
    place.cut = end - start < length
  }

  /** A frame whose headers, or all of it, came before. */
  function again(event: Event, link: number, length: number, above: boolean): boolean {
    const run = known.recall(event, link, place)
    if (run === undefined) return false
    const { found } = run
    const checked = withoutFcs(event, length)
    const whole = found.elements >= 0
    if (whole && place.end !== event.start + run.length) {
      begin(event, length)
      return false
    }
    tapped = link === LINK.radiotap
    if (!tapped) {
      resetChannel(place.radio)
      resetReading(place.radio)
    }
    event.repeat = current = run
    event.pending |= found.pending | checked
    if (whole) deferChain(chain, event.start + found.elements, place.end, place.cut)
    else beyond(event, above)
    return true
  }

  /** What is decoded of a record whatever its run tells, such as what is above an unencrypted header, keeps it from being closed. */
  function closed({ pending, repeat }: Event): Closed | undefined {
    if (current === undefined || repeat !== current) return undefined
    const { found, tables, direct } = current
    if (found.pending & ~(tables | direct | check | pending)) return undefined
    const whole = found.elements >= 0
    if (!whole && (found.control & TYPE) === DATA && !(found.control & (NO_DATA | PROTECTED)) && !(current.kind & ~CUT)) return undefined
    const { mac, link, fcs: bytes, crc } = found
    const base = fields.base(fcs)
    return {
      run: current,
      link,
      whole,
      mac,
      fcs: bytes,
      crc: whole && crc.length === current.length && !crc.whole ? crc.place : 0,
      value: base + fcs.at.value,
      status: base + fcs.at.status,
    }
  }

  function anew(event: Event, link: number, length: number, above: boolean): void {
    const { start, end, bytes } = event
    if (link === LINK.ethernet) {
      if (!above) return
      enterEthernet(bytes, place, start, end)
      goAbove(event)
      return
    }
    const outcome = head.decode(event, place, link, length)
    if (outcome === FOUND.notWifi) return
    tapped = head.radiotap
    event.pending |= tapped ? channel | reading | tapSteady | tapReading | tapPhy : channel | reading
    if (head.problem !== '') event.damage(place.cut && outcome === FOUND.broken ? 'truncated' : 'malformed', head.problem)
    if (outcome === FOUND.broken) return
    if (!mac.header(event, place)) {
      if (!place.cut) event.damage('truncated', `frame of ${place.end - place.mac} bytes`)
      return
    }
    event.pending |= varying | detail | varyingDetail
    const { control } = place
    if (control & CONTROL) event.pending |= controlled
    place.body = Math.max(place.body, place.mac + 2)
    const { body } = place
    if (body > place.end) {
      if (!place.cut) event.damage('truncated', `MAC header of ${body - place.mac} bytes, ${place.end - place.mac} are there`)
      return
    }
    const checked = withoutFcs(event, length)
    const { pending } = event
    event.pending |= checked
    if (control & VERSION) return
    if ((control & TYPE) === MANAGEMENT) {
      if (control & PROTECTED) {
        if (head.problem === '') known.learn(event, link, place, body, -1, pending | header)
        return
      }
      event.pending |= fixed | timestamp
      if (ACTIONS & (1 << ((control >> 4) & 15))) event.pending |= actions
      chain.count = chain.partial = 0
      chain.start = -1
      const at = elementsAt(bytes, (control >> 4) & 15, body, place.end)
      if (at < 0 || !walkElements(event, at) || head.problem !== '') return
      const printed = chain.problem === '' && FINGERPRINTED & (1 << ((control >> 4) & 15)) ? print : 0
      event.pending |= printed
      if ((REPEATING & (1 << ((control >> 4) & 15))) === 0) return
      const found = hasElement(chain, bytes, BSS_LOAD) ? elements : elements & ~loads
      known.learn(event, link, place, place.end, at, pending | header | fixed | timestamp | printed | found)
      return
    }
    if ((control & 0xfc) === DMG_BEACON) {
      event.pending |= fixed | timestamp
      const at = dmgElementsAt(bytes, body, place.end)
      if (at >= 0) walkElements(event, at)
      return
    }
    if (head.problem === '') known.learn(event, link, place, body, -1, pending | header)
    beyond(event, above)
  }

  /** What is behind the header of a control or data frame. */
  function beyond(event: Event, above: boolean): void {
    if (place.control & CONTROL) return
    mac.payload(event, place)
    if (!above || place.llc < 0) return
    enterLlc(event.bytes, place)
    goAbove(event)
  }

  /** Takes the FCS off the frame's end; answers the bit of its table where it can be checked. */
  function withoutFcs({ start }: Event, length: number): number {
    // A frame too short for header and FCS has none, whatever the capture header says.
    if (place.fcs === 0 || start + length - place.body < place.fcs) return 0
    place.end = Math.max(place.body, Math.min(place.end, start + length - place.fcs))
    return place.cut ? 0 : check
  }

  function goAbove(event: Event): void {
    event.pending |= upper
    if (place.etherType === ETHERTYPE.tunnel) enterTunnel(event)
    if (place.etherType !== ETHERTYPE.eapol && place.etherType !== ETHERTYPE.preauth) return
    event.pending |= keys
    keyData(event.bytes, place.above, place.end, key)
    if (key.at < 0) return
    // These elements do not follow from the headers.
    event.repeat = undefined
    walkChain(chain, event.bytes, key.at, key.end, false)
    event.pending |= elements
  }

  /** A tunneled action frame (9.6.12) has category, action and elements behind the payload type. */
  function enterTunnel(event: Event): void {
    const { bytes } = event
    const { above, end } = place
    if (above + 3 > end || bytes[above] !== TDLS_PAYLOAD) return
    event.repeat = undefined
    event.pending |= fixed
    const at = actionElements(bytes, above + 1, end)
    if (at >= 0) walkElements(event, at)
  }

  /** Indexes the elements; whether they are sound, as far as they are there. */
  function walkElements(event: Event, at: number): boolean {
    const { end } = place
    if (at > end) {
      if (!place.cut) event.damage('truncated', `fixed fields end at ${at - place.mac}, the frame at ${end - place.mac}`)
      return false
    }
    walkChain(chain, event.bytes, at, end, place.cut)
    event.pending |= elements
    if (chain.problem === '' || place.cut) return true
    event.damage('malformed', chain.problem)
    return false
  }
}
