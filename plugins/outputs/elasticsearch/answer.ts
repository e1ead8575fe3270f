/**
 * What an answer to `_bulk` means for the events that were sent: taken, there already, never, or later.
 *
 * The two tables are the whole of it; nothing that the server did not refuse for good is ever given up.
 */
import { type Receipt, RejectedError, type Rejection, RetryError } from '../../../core/plugin.ts'
import { type Answer, jsonOf } from './connection.ts'

/** Wait after an answer that only an operator can change: credentials, privileges, a full disk, a missing index. */
export const OPERATOR_MS = 30_000
/** Longest wait that a server is granted. */
const MOST_SECONDS = 3600
/** Characters of a server's reason that are kept; it may repeat the document. */
const MOST_REASON = 300

/**
 * - `items`: each document has a status of its own
 * - `large`: halves, down to the document that is too large by itself, which is rejected
 * - `malformed`: one document makes the body so: halves as well
 * - `operator`: nothing is wrong with the documents; kept, and asked again after a long wait
 * - `media`: this content type is not spoken here
 * - `busy`: later, and with fewer requests at once
 * - `again`: outcome unknown, or a passing trouble of this host
 */
type RequestFate = 'items' | 'large' | 'malformed' | 'operator' | 'media' | 'busy' | 'again'

const REQUESTS: Readonly<Record<number, RequestFate>> = {
  200: 'items',
  400: 'malformed',
  401: 'operator',
  403: 'operator',
  404: 'operator',
  406: 'media',
  408: 'again',
  413: 'large',
  415: 'media',
  429: 'busy',
}

/** Statuses that are not in the table: of the host's trouble, or of something between us and the server, such as a redirect. */
export function requestFate(status: number): RequestFate {
  return REQUESTS[status] ?? (status >= 500 ? 'again' : 'operator')
}

type ItemFate = 'done' | 'duplicate' | 'again' | 'operator' | 'rejected'

const ITEMS: Readonly<Record<number, ItemFate>> = {
  200: 'done',
  201: 'done',
  401: 'operator',
  // A block on the index, such as that of a full disk, passes.
  403: 'operator',
  // Our id under `create`: the document is there.
  409: 'duplicate',
  429: 'again',
}

function itemFate({ status = 500, error }: Item): ItemFate {
  if (OPERATOR_ERRORS.includes(error?.type)) return 'operator'
  return ITEMS[status] ?? (status >= 500 ? 'again' : 'rejected')
}

/**
 * Errors of an item that are none of its document, whatever their status says: a closed or missing index; a cluster that has as many shards as it may have, and so
 * makes no index for a new day.
 */
const OPERATOR_ERRORS: readonly (string | undefined)[] = ['index_not_found_exception', 'index_closed_exception', 'validation_exception']

interface Item {
  readonly status?: number
  readonly error?: { readonly type?: string; readonly reason?: string }
  readonly failure_store?: string
}

export interface Sent {
  /** Events in the request. */
  readonly count: number
  /** Wall clock, ms. */
  readonly now: number
  /** Hears of documents that the server put aside, into the failure store of a data stream. */
  readonly putAside: (documents: number) => void
}

/** The server has too much to do. */
export class BusyError extends RetryError {}

/** The server does not want this content type. */
export class MediaError extends RetryError {}

/** @throws RejectedError or RetryError for what was not taken, Error when nobody knows what became of them */
export function judge({ status, retryAfter, body }: Answer, { count, now, putAside }: Sent): Receipt {
  if (status === 200 && isPlainSuccess(body, count)) return { duplicates: 0 }
  const after_ms = waitOf(retryAfter, now)
  const type = typeOf(body)
  const said = `the server answers ${status}${type === undefined ? '' : `, ${type}`}`
  switch (requestFate(status)) {
    case 'items':
      return judgeItems(itemsOf(body, count), count, after_ms, putAside)
    case 'malformed':
      // Without the type of an error it is not the server that has read the documents, but something before it.
      if (type === undefined) throw new RetryError(said, { after_ms: Math.max(after_ms, OPERATOR_MS) })
      if (count > 1) throw new RetryError(said, { halve: true })
      throw new RejectedError(said)
    case 'large':
      if (count > 1) throw new RetryError(said, { halve: true })
      throw new RejectedError(said)
    case 'operator':
      throw new RetryError(said, { after_ms: Math.max(after_ms, OPERATOR_MS) })
    case 'media':
      throw new MediaError(said, { after_ms })
    case 'busy':
      throw new BusyError(said, { after_ms })
    case 'again':
      throw new RetryError(said, { after_ms })
  }
}

const [HEAD, ITEM, TAIL] = ['{"errors":false,"items":[', '{"create":{"status":201}}', ']}']
const [START, END] = [Buffer.from(HEAD + ITEM), Buffer.from(ITEM + TAIL)]

/** Whether every document was made and nothing else is said: what nearly all answers say, told by its length, without parsing it. */
function isPlainSuccess(body: Buffer, count: number): boolean {
  const length = HEAD.length + count * (ITEM.length + 1) - 1 + TAIL.length
  return body.length === length && body.subarray(0, START.length).equals(START) && body.subarray(-END.length).equals(END)
}

/** One for each event; none when the server only says that there were no errors. */
function itemsOf(body: Buffer, count: number): readonly Item[] {
  const answer = jsonOf(body) as { errors?: unknown; items?: unknown } | null | undefined
  if (answer === undefined) throw new Error('the answer was cut short: nobody knows what was taken')
  if (answer?.errors === false && answer.items === undefined) return []
  if (!Array.isArray(answer?.items) || answer.items.length !== count) throw new Error(`the answer is not about ${count} documents`)
  return answer.items.map((item: unknown) => Object.values((item ?? {}) as Record<string, Item>)[0] ?? {})
}

function judgeItems(items: readonly Item[], count: number, after_ms: number, putAside: Sent['putAside']): Receipt {
  const again: number[] = []
  const rejected: Rejection[] = []
  let [duplicates, aside, busy, operator, later] = [0, 0, false, false, '']
  items.forEach((item, event) => {
    const { status = 500, error } = item
    const type = `${status} ${error?.type ?? 'unknown'}`
    if (item.failure_store === 'used') aside++
    switch (itemFate(item)) {
      case 'done':
        return
      case 'duplicate':
        duplicates++
        return
      case 'rejected':
        rejected.push({ event, reason: `${type}: ${error?.reason ?? 'no reason given'}`.slice(0, MOST_REASON) })
        return
      case 'operator':
        operator = true
    }
    busy ||= status === 429
    again.push(event)
    later ||= type
  })
  if (aside > 0) putAside(aside)
  if (again.length > 0) {
    const wait_ms = operator ? Math.max(after_ms, OPERATOR_MS) : after_ms
    const options = { events: again, rejected, duplicates, after_ms: wait_ms }
    throw new (busy ? BusyError : RetryError)(`${again.length} of ${count} documents were refused for now: ${later.slice(0, MOST_REASON)}`, options)
  }
  if (rejected.length > 0) throw new RejectedError(`${rejected.length} of ${count} documents were refused for good`, { events: rejected })
  return { duplicates }
}

/** The type of the error, which unlike its reason holds nothing of a document. */
function typeOf(body: Buffer): string | undefined {
  const said = jsonOf(body) as { error?: { type?: unknown } } | null | undefined
  const type = said?.error?.type
  return typeof type === 'string' ? type.slice(0, MOST_REASON) : undefined
}

/** @param retryAfter seconds, or a date (RFC 9110, 10.2.3) */
function waitOf(retryAfter: string, now: number): number {
  const seconds = /^\d+$/.test(retryAfter) ? Number(retryAfter) : (Date.parse(retryAfter) - now) / 1000
  return seconds > 0 ? Math.min(seconds, MOST_SECONDS) * 1000 : 0
}
