/** Control frames (9.3.1), null and protected data frames (9.3.2) as templates. */
import { join, type Part, u16, u32, zeros } from './bytes.ts'
import { atLeast, GENERATIONS, type Generation } from './capabilities.ts'
import { basicPhy, type Way } from './management.ts'
import type { Phy } from './radiotap.ts'
import { SLOT } from './slots.ts'
import type { AccessPoint, Client } from './stations.ts'
import { header, type Patch, SEQUENCE_PATCH, SOMEBODY, type Template, template } from './template.ts'

/** Control frames go at a legacy rate that all understand. */
function controlPhy(ap: AccessPoint): Phy {
  return { ...basicPhy(ap), rate: ap.band === 2 ? 22 : 48 }
}

function control(ap: AccessPoint, signal: number | undefined, patches: readonly Patch[], ...bytes: readonly Part[]): Template {
  return template(controlPhy(ap), join(...bytes), signal, patches)
}

/** Who sends and who receives on a way. */
function ends(client: Client, way: Way): { from: Uint8Array; to: Uint8Array; signal: number } {
  const { ap, address } = client
  return way === 'up' ? { from: address, to: ap.bssid, signal: client.signal } : { from: ap.bssid, to: address, signal: ap.signal }
}

export function requestToSend(client: Client, way: Way): Template {
  const { from, to, signal } = ends(client, way)
  return control(client.ap, signal, [], 0xb4, 0, u16(412), to, from)
}

/** Answers a frame that went the other way. */
export function clearToSend(client: Client, way: Way): Template {
  const { to, signal } = ends(client, way)
  return control(client.ap, signal, [], 0xc4, 0, u16(348), to)
}

export function acknowledgement(client: Client, way: Way): Template {
  const { to, signal } = ends(client, way)
  return control(client.ap, signal, [], 0xd4, 0, u16(0), to)
}

/** Acknowledgement by an access point of what a passer-by sent, or by a passer-by. */
export function passingAcknowledgement(ap: AccessPoint, by: 'ap' | 'passer'): Template {
  if (by === 'ap') return control(ap, ap.signal, [{ what: 'address', at: 4 }], 0xd4, 0, u16(0), SOMEBODY)
  return control(ap, undefined, [], 0xd4, 0, u16(0), ap.bssid)
}

/** Compressed BlockAck (9.3.1.8.2) for `count` frames, the last of which has the number that the counter shows. */
export function blockAck(client: Client, way: Way, count: number): Template {
  const { from, to, signal } = ends(client, way)
  const start: Patch = { what: 'start_sequence', at: 18, back: count - 1 }
  const bitmap = [...u32(2 ** count - 1), ...u32(0)]
  return control(client.ap, signal, [start], 0x94, 0, u16(0), to, from, u16(0x0004), u16(0), bitmap)
}

export function blockAckRequest(client: Client, way: Way): Template {
  const { from, to, signal } = ends(client, way)
  return control(client.ap, signal, [{ what: 'start_sequence', at: 18, back: 0 }], 0x84, 0, u16(84), to, from, u16(0x0004), u16(0))
}

/** A station that wakes asks for what is buffered: association id in place of the duration (9.3.1.5). */
export function powerSavePoll(client: Client): Template {
  return control(client.ap, client.signal, [], 0xa4, 0x10, u16(client.aid | 0xc000), client.ap.bssid, client.address)
}

/** Null data: a client says that it dozes (power management bit) or wakes. */
export function nullData(client: Client, dozes: boolean): Template {
  const { ap, address } = client
  const mpdu = header(0x48, 0x01 | (dozes ? 0x10 : 0), 60, [ap.bssid, address, ap.bssid])
  return template({ ...controlPhy(ap), rate: 12 }, mpdu, client.signal, [SEQUENCE_PATCH])
}

/** Bytes of CCMP around what it protects: header and MIC (12.5.3.2). */
const CCMP_HEADER = 8
const CCMP_MIC = 8

const SPEEDS: { readonly [generation in Generation]: Pick<Phy, 'rate' | 'mcs'> } = {
  g: { rate: 108 },
  n: { rate: 260, mcs: 15 },
  ac: { rate: 1300, mcs: 7 },
  ax: { rate: 1921, mcs: 9 },
  be: { rate: 1921, mcs: 9 },
}

/** A protected QoS data frame (data for clients without QoS) of `length` bytes of ciphertext; open networks send it bare. */
export function data(client: Client, way: Way, length: number, retry: boolean): Template {
  const { ap } = client
  const { from, to, signal } = ends(client, way)
  const generation = GENERATIONS[Math.min(GENERATIONS.indexOf(client.generation), GENERATIONS.indexOf(ap.generation))]
  const qos = atLeast(generation, 'n')
  const open = ap.security === 'open'
  const flags = (way === 'up' ? 0x01 : 0x02) | (retry ? 0x08 : 0) | (open ? 0 : 0x40)
  const router = Uint8Array.of(ap.bssid[0], ap.bssid[1], ap.bssid[2], 0, 0, 1)
  const start = header(qos ? 0x88 : 0x08, flags, 48, way === 'up' ? [to, from, router] : [to, from, router])
  const head = join(start, qos ? u16(0) : [], open ? [] : [0, 0, 0, 0x20, 0, 0, 0, 0])
  const patches: Patch[] = [SEQUENCE_PATCH]
  if (!open) patches.push({ what: 'packet_number', at: head.length - CCMP_HEADER })
  const body = open ? join(SNAP_EXPERIMENT, zeros(length)) : zeros(length + CCMP_MIC)
  const at = head.length + body.length - (open ? length : length + CCMP_MIC)
  patches.push({ what: 'random', at, length: head.length + body.length - at, slot: SLOT.own, own: true })
  const phy: Phy = { mhz: ap.frequency, generation, width: ap.width, ...SPEEDS[generation] }
  return template(phy, join(head, body), signal, patches)
}

/** EtherType for local experiments (IEEE 802, clause 9.2.4): a payload that nobody takes for a broken packet. */
const SNAP_EXPERIMENT = [0xaa, 0xaa, 0x03, 0, 0, 0, 0x88, 0xb5]
