/** Where the records of a run have what only `emit: full` writes of their headers, and block acks; for repeat-reads.ts. */
import type { Fields } from '../../../core/event/fields.ts'
import {
  ABOVE_BLOCK_ACK,
  ABOVE_CCMP,
  ABOVE_SHORT_BLOCK_ACK,
  ABOVE_SHORT_REQUEST,
  ABOVE_TKIP,
  ABOVE_WEP,
} from '../../../core/event/machine/numbers.ts'
import { bits, READ, type Read } from '../../../core/event/reads.ts'
import { wlanControl } from './control.ts'
import { addressCount, addressesEnd, wlanVaryingDetail } from './mac-varying-detail.ts'
import type { RunPlaces } from './repeat-reads.ts'

/** Bits of the frame control. */
const TYPE = 0xc
const MANAGEMENT = 0
const CONTROL = 0x4
const DATA = 0x8
const EXTENSION = 0xc
const NO_DATA = 0x40
const PROTECTED = 0x4000
/** The first of the control subtypes that have nothing behind their addresses. */
const PS_POLL = 10

/** Each answers undefined when the table must be decoded. */
export interface DetailReads {
  detail(run: RunPlaces): Read[] | undefined
  controls(run: RunPlaces): Read[] | undefined
}

export function detailReads(fields: Fields): DetailReads {
  const detail = ({ mac, body, control, qos, htc, above }: RunPlaces): Read[] | undefined => {
    const base = fields.base(wlanVaryingDetail)
    const f = wlanVaryingDetail.at
    const type = control & TYPE
    const count = addressCount(control)
    if (type === EXTENSION || addressesEnd(count) > body - mac) return undefined
    const reads: Read[] = [{ field: base + f.addresses, how: READ.macs, at: mac, extra: count }]
    if (qos >= 0) reads.push({ field: base + f.qos, how: READ.bits, at: qos, extra: bits(0, 0xffff) })
    if (htc >= 0) reads.push({ field: base + f.htc, how: READ.u32, at: htc, extra: 0 })
    if (type === CONTROL || (type === DATA && control & NO_DATA)) return reads
    if (control & PROTECTED) {
      const head = encryption(body, above)
      return head && [...reads, ...head]
    }
    // Of other data only the body tells whether a mesh header comes first.
    return type === MANAGEMENT || above !== 0 ? reads : undefined
  }

  const encryption = (body: number, above: number): Read[] | undefined => {
    const base = fields.base(wlanVaryingDetail)
    const f = wlanVaryingDetail.at
    const key: Read = { field: base + f.keyId, how: READ.bits, at: body + 3, extra: bits(6, 3) }
    if (above === ABOVE_WEP) return [key, { field: base + f.wepIv, how: READ.be, at: body, extra: 3 }]
    if (above === ABOVE_TKIP) return [key, { field: base + f.tkipCounter, how: READ.packetNumber, at: body, extra: 1 }]
    if (above === ABOVE_CCMP) return [key, { field: base + f.packetNumber, how: READ.packetNumber, at: body, extra: 0 }]
    return undefined
  }

  const controls = ({ body, control, fcs, above }: RunPlaces): Read[] | undefined => {
    const short = above === ABOVE_SHORT_REQUEST || above === ABOVE_SHORT_BLOCK_ACK
    if ((control & TYPE) !== CONTROL || (short && fcs > 0)) return undefined
    const base = fields.base(wlanControl)
    const f = wlanControl.at
    if (above === 0) return ((control >> 4) & 15) >= PS_POLL ? [] : undefined
    const word = (key: keyof typeof f, at: number, shift: number, mask: number) => ({
      field: base + f[key],
      how: READ.bits,
      at,
      extra: bits(shift, mask),
    })
    const reads: Read[] = [
      word('baControl', body, 0, 0xffff),
      word('baPolicy', body, 0, 1),
      word('baType', body, 1, 15),
      word('baTid', body, 12, 15),
      word('baStart', body + 2, 4, 0xfff),
      word('baFragment', body + 2, 0, 15),
    ]
    if (above === ABOVE_BLOCK_ACK || above === ABOVE_SHORT_BLOCK_ACK)
      reads.push({ field: base + f.baBitmap, how: READ.bytes, at: body + 4, extra: 8 })
    return reads
  }

  return { detail, controls }
}
