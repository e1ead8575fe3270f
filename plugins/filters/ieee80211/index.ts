/**
 * 802.11 frames as fields.
 *
 * `apply` decodes the capture header and the MAC header at once and finds where the rest lies; fixed fields, elements, normalised radio values and
 * what is above LLC are lazy tables, decoded when somebody asks for one of their fields or writes it.
 */
import { type Event, type FieldTable, type FilterPlugin, frame } from '../../../core/plugin.ts'
import { avs } from './avs.ts'
import { eapol, eapolDecoder, type KeyData, keyData } from './eapol.ts'
import { basicFamily } from './elements/basic.ts'
import { capabilitiesFamily } from './elements/capabilities.ts'
import { type Family, familyDecoder, newChain, walkChain } from './elements/chain.ts'
import { neighborsFamily } from './elements/neighbors.ts'
import { repeater } from './elements/repeat.ts'
import { securityFamily } from './elements/security.ts'
import { tagsFamily } from './elements/tags.ts'
import { trafficFamily } from './elements/traffic.ts'
import { wpsFamily } from './elements/wps.ts'
import { type Emit, hider } from './emit.ts'
import { fcs, fcsDecoder } from './fcs.ts'
import { elementsAt, fixedDecoder, wlanFixed } from './fixed.ts'
import { ETHERTYPE, enterEthernet, enterLlc, network, networkDecoder } from './ip.ts'
import { FOUND, headers, LINK } from './link.ts'
import { macDecoder } from './mac.ts'
import { macDetailDecoder, wlanDetail } from './mac-detail.ts'
import { wlan } from './mac-fields.ts'
import { newPlace, resetPlace } from './place.ts'
import { ppi } from './ppi.ts'
import { prism } from './prism.ts'
import { radioDecoder, wlanRadio } from './radio.ts'
import { radiotapDecoder } from './radiotap.ts'
import { radiotap } from './radiotap-fields.ts'
import { radiotapPhy, radiotapPhyDecoder, refineRadio } from './radiotap-phy.ts'

const FAMILIES: readonly Family[] = [trafficFamily, basicFamily, securityFamily, capabilitiesFamily, neighborsFamily, wpsFamily, tagsFamily]

const TABLES: readonly FieldTable[] = [
  wlan,
  wlanDetail,
  wlanRadio,
  fcs,
  wlanFixed,
  ...FAMILIES.map((family) => family.table),
  eapol,
  network,
  radiotap,
  radiotapPhy,
  ppi,
  avs,
  prism,
]

const config = {
  type: 'object',
  additionalProperties: false,
  properties: {
    emit: {
      description:
        'Which fields are written: standard, full, or a list of groups, where `standard` may be one. All fields can be used in conditions.',
      default: 'standard',
      oneOf: [{ enum: ['standard', 'full'] }, { type: 'array', items: { enum: ['standard', ...TABLES.map((table) => table.name)] } }],
    },
    network: {
      type: 'boolean',
      default: true,
      description: 'Decode what is above the MAC in unencrypted frames: LLC, EAPOL, EAP, ARP, IP, ports, DHCP and DNS names.',
    },
  },
} as const

/** Bits of the frame control. */
const VERSION = 0x3
const TYPE = 0xc
const MANAGEMENT = 0
/** Control and extension frames, which have nothing behind the header that is decoded here. */
const CONTROL = 0x4
const PROTECTED = 0x4000
/** Subtypes whose elements repeat: probe response and beacon. */
const REPEATING = (1 << 5) | (1 << 8)

export default {
  kind: 'filter',
  summary: 'Decodes 802.11 frames: capture header, MAC, elements, keys, and what unencrypted frames carry.',
  config,
  fields: TABLES,
  create({ emit, network: above }, { fields, event: pipeline }) {
    const place = newPlace()
    const chain = newChain()
    const key: KeyData = { at: -1, end: -1 }
    const tap = radiotapDecoder(fields, place)
    const head = headers(fields, tap)
    const mac = macDecoder(fields)
    const hide = hider(fields, TABLES, emit as Emit)
    const tapTable = pipeline.lazy(radiotap, tap.decode).bit
    const tapPhy = pipeline.lazy(radiotapPhy, radiotapPhyDecoder(fields, tap)).bit
    const radio = pipeline.lazy(
      wlanRadio,
      radioDecoder(fields, place, (event, values) => {
        if (!head.radiotap) return
        // The header's own table decodes into the radio.
        event.force(tapTable)
        tap.locate()
        refineRadio(event, tap.places, values)
      }),
    ).bit
    const check = pipeline.lazy(fcs, fcsDecoder(fields, place)).bit
    const detail = pipeline.lazy(wlanDetail, macDetailDecoder(fields, place)).bit
    const fixed = pipeline.lazy(wlanFixed, fixedDecoder(fields, place, chain)).bit
    const upper = pipeline.lazy(network, networkDecoder(fields, place)).bit
    const keys = pipeline.lazy(eapol, eapolDecoder(fields, place)).bit
    const elements = FAMILIES.reduce((bits, family) => bits | pipeline.lazy(family.table, familyDecoder(fields, place, chain, family)).bit, 0)
    const repeats = repeater(
      FAMILIES.map(({ table }) => table).filter((table) => table.repeats),
      place,
      chain,
    )
    const { link: linkAt, len: lengthAt } = frame.at
    const first = pipeline.frameBase
    const word = first >>> 5

    return {
      apply(event) {
        hide(event)
        const known = event.has[word]
        if ((known & (1 << linkAt)) === 0) return
        resetPlace(place)
        const { start, end, bytes } = event
        const link = event.a[first + linkAt]
        const length = known & (1 << lengthAt) ? Math.max(event.a[first + lengthAt], end - start) : end - start
        if (link === LINK.ethernet) {
          if (!above) return
          enterEthernet(bytes, place, start, end)
          goAbove(event)
          return
        }
        const found = head.decode(event, place, link, length)
        if (found === FOUND.notWifi) return
        event.pending |= head.radiotap ? radio | tapTable | tapPhy : radio
        if (head.problem !== '') event.damage(place.cut && found === FOUND.broken ? 'truncated' : 'malformed', head.problem)
        if (found === FOUND.broken) return
        if (!mac.header(event, place)) {
          if (!place.cut) event.damage('truncated', `frame of ${place.end - place.mac} bytes`)
          return
        }
        event.pending |= detail
        const { control } = place
        const body = Math.max(place.body, place.mac + 2)
        if (body > place.end) {
          if (!place.cut) event.damage('truncated', `MAC header of ${body - place.mac} bytes, ${place.end - place.mac} are there`)
          return
        }
        // A frame too short for header and FCS has none, whatever the capture header says.
        if (place.fcs > 0 && start + length - body >= place.fcs) {
          place.end = Math.max(body, Math.min(place.end, start + length - place.fcs))
          if (!place.cut) event.pending |= check
        }
        if (control & (VERSION | CONTROL)) return
        if ((control & TYPE) === MANAGEMENT) {
          if (control & PROTECTED) return
          event.pending |= fixed
          const at = elementsAt(bytes, (control >> 4) & 15, body, place.end)
          if (at >= 0) walkElements(event, at)
          return
        }
        mac.payload(event, place)
        if (!above || place.llc < 0) return
        enterLlc(bytes, place)
        goAbove(event)
      },
    }

    function goAbove(event: Event): void {
      event.pending |= upper
      if (place.etherType !== ETHERTYPE.eapol && place.etherType !== ETHERTYPE.preauth) return
      event.pending |= keys
      keyData(event.bytes, place.above, place.end, key)
      if (key.at < 0) return
      walkChain(chain, event.bytes, key.at, key.end, false)
      event.pending |= elements
    }

    function walkElements(event: Event, at: number): void {
      const { end } = place
      if (at > end) {
        if (!place.cut) event.damage('truncated', `fixed fields end at ${at - place.mac}, the frame at ${end - place.mac}`)
        return
      }
      walkChain(chain, event.bytes, at, end, place.cut)
      event.pending |= elements
      if (chain.problem === '') {
        if (REPEATING & (1 << ((place.control >> 4) & 15))) repeats(event, at)
      } else if (!place.cut) event.damage('malformed', chain.problem)
    }
  },
} satisfies FilterPlugin<typeof config>
