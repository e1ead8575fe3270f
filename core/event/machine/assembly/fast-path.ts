/** Records of known flows, from capture to text, one after the other: see ../../../route/fast-path.ts. */
import * as layout from '../numbers'
import { crc, crcOfKnown } from './crc'
import { fillJson, fillPack, mostOf, source } from './fill'
import { kind, placeOf } from './hash'
import { matches } from './match'

/** Bytes of a record's header in a classic capture. */
const HEADER: usize = 16
const FCS: usize = 4
const GOOD: f64 = 1
/** Bytes of an entry in an index. */
const ENTRY: usize = 12

/** Goes on from the job's record until one is not of a known flow; answers how many it did. */
export function ahead(job: usize): i32 {
  const event = load<usize>(job, layout.JOB_EVENT)
  const has = load<usize>(event)
  const a = load<usize>(event, 4)
  const b = load<usize>(event, 8)
  const bytes = load<usize>(event, 12)
  const timestamp = load<u32>(job, layout.JOB_TIMESTAMP) << 3
  const id = source(bytes, load<usize>(event, 16), load<f64>(a + (load<u32>(job, layout.JOB_ID) << 3)) as i32)
  const number = a + (load<u32>(job, layout.JOB_NUMBER) << 3)
  const len = a + (load<u32>(job, layout.JOB_LEN) << 3)
  const capLen = a + (load<u32>(job, layout.JOB_CAP_LEN) << 3)
  const base = load<usize>(job, layout.JOB_BASE)
  memory.copy(has, base, load<usize>(job, layout.JOB_WORDS) << 2)
  const end = load<usize>(job, layout.JOB_END)
  const most = load<i32>(job, layout.JOB_MOST)
  const unit = load<u32>(job, layout.JOB_UNIT)
  const link = load<u32>(job, layout.JOB_LINK)
  const flows = load<usize>(job, layout.JOB_FLOWS)
  const stride = load<usize>(job, layout.JOB_STRIDE)
  const targets = job + layout.JOB_BYTES
  const last = targets + load<usize>(job, layout.JOB_TARGETS) * layout.TARGET_BYTES
  const frames = load<f64>(job, layout.JOB_FRAMES)
  const offset = (load<f64>(job, layout.JOB_OFFSET) as i64) as u64
  const first = load<i32>(job, layout.JOB_RECORD)
  let budget = load<i32>(job, layout.JOB_BUDGET)
  let at = load<usize>(job, layout.JOB_AT)
  let done = 0
  while (done < most && budget > 0 && at + HEADER <= end) {
    const seconds = load<u32>(at)
    const nanos = (load<u32>(at, 4) as u64) * unit
    const size = load<usize>(at, 8)
    const air = load<usize>(at, 12)
    const start = at + HEADER
    if (nanos >= 1000000000 || air < size || size === 0 || size > end - start) break
    const place = placeOf(link, start, start + size)
    if (place < 0) break
    const cut: u32 = air > size ? layout.CUT : 0
    const flow = find(flows + (place as usize) * stride, stride, link, kind | cut, start, size, air)
    if (flow === 0) break
    store<i32>(load<usize>(flow, layout.FLOW_RUN), layout.CREDIT, layout.RUN_CREDIT)
    if (!checked(flow, cut !== 0, start, size, has, base, a)) break

    store<f64>(a + timestamp, seconds as f64)
    store<f64>(b + timestamp, nanos as f64)
    store<u64>(id, bswap<u64>((seconds as u64) * 1000000000 + nanos))
    store<u64>(id, bswap<u64>(offset + (at as u64)), 16)
    store<f64>(number, frames + ((done + 1) as f64))
    store<f64>(len, air as f64)
    store<f64>(capLen, size as f64)
    let template = flow + layout.FLOW_TEMPLATES
    let target = targets
    for (; target < last; target += layout.TARGET_BYTES, template += 4) {
      if (!write(target, load<usize>(template), event, start - bytes, seconds as f64)) break
    }
    if (target < last) break
    for (target = targets; target < last; target += layout.TARGET_BYTES) budget -= commit(target, first + done)
    done++
    at = start + size
  }
  store<usize>(job, at, layout.JOB_AT)
  return done
}

/** The flow of a record among those from `flow` on; 0 when it is of none. */
// @ts-expect-error: decorators are AssemblyScript's
@inline
function find(flow: usize, stride: usize, link: u32, kind: u32, start: usize, size: usize, air: usize): usize {
  for (let way = 0; way < layout.WAYS; way++, flow += stride) {
    const run = load<usize>(flow, layout.FLOW_RUN)
    if (run === 0 || load<i32>(flow, layout.FLOW_VERSION) !== load<i32>(run, layout.RUN_VERSION) || load<u32>(flow, layout.FLOW_LINK) !== link) continue
    if (load<u32>(flow, layout.FLOW_KIND) !== kind) continue
    if (isOf(flow, size, air) && matches(run + layout.RUN_BLOCKS, start, load<i32>(flow, layout.FLOW_BLOCKS))) return flow
  }
  return 0
}

/** Whether a record of so many bytes, and so many on the air, is as long as those of the flow. */
// @ts-expect-error: decorators are AssemblyScript's
@inline
function isOf(flow: usize, size: usize, air: usize): bool {
  const length = load<usize>(flow, layout.FLOW_LENGTH)
  const fcs = load<usize>(flow, layout.FLOW_FCS)
  // Where a frame is cut in its FCS, the run ends before the record.
  const end = air > size ? (air >= size + fcs ? size : 0) : size - fcs
  return load<i32>(flow, layout.FLOW_WHOLE) !== 0 ? end === length : end >= length && size >= fcs
}

/** Checks the FCS, if frames of the flow have one, and stores it; false when it is wrong. */
// @ts-expect-error: decorators are AssemblyScript's
@inline
function checked(flow: usize, cut: bool, start: usize, size: usize, has: usize, base: usize, a: usize): bool {
  const value = load<u32>(flow, layout.FLOW_VALUE)
  const status = load<u32>(flow, layout.FLOW_STATUS)
  const word = (value >>> 5) << 2
  const empty = load<u32>(base + word)
  if (cut || load<usize>(flow, layout.FLOW_FCS) === 0) {
    store<u32>(has + word, empty)
    return true
  }
  const end = start + size - FCS
  const known = load<usize>(flow, layout.FLOW_CRC)
  const sum = known === 0 ? crc(start + load<usize>(flow, layout.FLOW_MAC), end) : crcOfKnown(known, start)
  if (sum !== load<u32>(end)) return false
  store<f64>(a + (value << 3), sum as f64)
  store<f64>(a + (status << 3), GOOD)
  store<u32>(has + word, empty | (1 << (value & 31)) | (1 << (status & 31)))
  return true
}

/** Writes what is before, in and behind the record's text for a target; false when it has no room or other values. */
// @ts-expect-error: decorators are AssemblyScript's
@inline
function write(target: usize, template: usize, event: usize, start: usize, seconds: f64): bool {
  if (seconds < load<f64>(target, layout.TARGET_FROM) || seconds >= load<f64>(target, layout.TARGET_TO)) return false
  const pack = load<i32>(target, layout.TARGET_PACK) !== 0
  const limit = load<usize>(target, layout.TARGET_LIMIT)
  const head = load<usize>(target, layout.TARGET_HEAD)
  let o = load<usize>(target, layout.TARGET_OUT)
  if (o + mostOf(head) + mostOf(template) > limit) return false
  o = pack ? fillPack(head, event, start, o, limit) : fillJson(head, event, start, o, limit)
  o = pack ? fillPack(template, event, start, o, limit) : fillJson(template, event, start, o, limit)
  if (o <= (layout.CANNOT as usize)) return false
  const tail = load<i32>(target, layout.TARGET_TAIL)
  if (tail >= 0) store<u8>(o++, tail as u8)
  store<usize>(target, o, layout.TARGET_NEXT)
  return true
}

/** Takes what was written for good, and answers how many bytes that is. */
// @ts-expect-error: decorators are AssemblyScript's
@inline
function commit(target: usize, record: i32): i32 {
  const next = load<usize>(target, layout.TARGET_NEXT)
  const index = load<usize>(target, layout.TARGET_INDEX)
  store<usize>(index, next - load<usize>(target, layout.TARGET_BODY))
  store<i32>(index, record, 4)
  store<i32>(index, load<i32>(target, layout.TARGET_LEAF), 8)
  store<usize>(target, index + ENTRY, layout.TARGET_INDEX)
  const written = next - load<usize>(target, layout.TARGET_OUT)
  store<usize>(target, next, layout.TARGET_OUT)
  return written as i32
}
