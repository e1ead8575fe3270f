/**
 * What an answer to `_bulk` means for the events that were sent: taken, there already, never, or later.
 *
 * The two tables are the whole of it; nothing that the server did not refuse for good is ever given up.
 */
import { RejectedError, type Rejection, RetryError } from '../../../core/plugin.ts'

/** Wait after an answer that only an operator can change: credentials, privileges, a full disk, a missing index. */
export const OPERATOR_MS = 30_000
/** Longest wait that a server is granted. */
const MOST_SECONDS = 3600
/** Characters of a server's reason that are kept; it may repeat the document. */
const MOST_REASON = 300

/**
 * - `items`: each document has a status of its own
 * - `halve`: too large, or one document makes the body malformed: halves, down to the one that it is, which is rejected
 * - `operator`: nothing is wrong with the documents; kept, and asked again after a long wait
 * - `media`: this content type is not spoken here
 * - `busy`: later, and with fewer requests at once
 * - `again`: outcome unknown, or a passing trouble of this host
 */
type RequestFate = 'items' | 'halve' | 'operator' | 'media' | 'busy' | 'again'

const REQUESTS: Readonly<Record<number, RequestFate>> = {
  200: 'items',
  400: 'halve',
  401: 'operator',
  403: 'operator',
  404: 'operator',
  406: 'media',
  408: 'again',
  413: 'halve',
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
  // The index may be made; other things that are not found are the document's own.
  if (status === 404 && error?.type === 'index_not_found_exception') return 'operator'
  return ITEMS[status] ?? (status >= 500 ? 'again' : 'rejected')
}

interface Item {
  readonly status?: number
  readonly error?: { readonly type?: string; readonly reason?: string }
  readonly failure_store?: string
}

export interface Answer {
  readonly status: number
  /** Seconds, as the header says. */
  readonly retryAfter: string | undefined
  readonly body: string
}

export interface Judgement {
  /** Documents that were there already. */
  readonly duplicates: number
  /** Documents that the server put aside, into the failure store of a data stream. */
  readonly aside: number
}

/** The server has too much to do. */
export class BusyError extends RetryError {}

/** The server does not want this content type. */
export class MediaError extends RetryError {}

/**
 * @param count events in the request
 * @throws RejectedError or RetryError for what was not taken, Error when nobody knows what became of them
 */
export function judge({ status, retryAfter, body }: Answer, count: number): Judgement {
  const after_ms = wait(retryAfter)
  const said = `the server answers ${status}${typeOf(body)}`
  switch (requestFate(status)) {
    case 'items':
      return judgeItems(itemsOf(body, count), count, after_ms)
    case 'halve':
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

/** One for each event; none when the server only says that there were no errors. */
function itemsOf(body: string, count: number): readonly Item[] {
  let answer: { errors?: unknown; items?: unknown }
  try {
    answer = JSON.parse(body) as typeof answer
  } catch {
    throw new Error('the answer was cut short: nobody knows what was taken')
  }
  if (answer?.errors === false && answer.items === undefined) return []
  if (!Array.isArray(answer?.items) || answer.items.length !== count) throw new Error(`the answer is not about ${count} documents`)
  return answer.items.map((item: unknown) => Object.values((item ?? {}) as Record<string, Item>)[0] ?? {})
}

function judgeItems(items: readonly Item[], count: number, after_ms: number): Judgement {
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
  if (again.length > 0) {
    const wait_ms = operator ? Math.max(after_ms, OPERATOR_MS) : after_ms
    const options = { events: again, rejected, duplicates, after_ms: wait_ms }
    throw new (busy ? BusyError : RetryError)(`${again.length} of ${count} documents were refused for now: ${later.slice(0, MOST_REASON)}`, options)
  }
  if (rejected.length > 0) throw new RejectedError(`${rejected.length} of ${count} documents were refused for good`, { events: rejected })
  return { duplicates, aside }
}

/** The type of the error, which unlike its reason holds nothing of a document. */
function typeOf(body: string): string {
  try {
    const { error } = JSON.parse(body) as { error?: { type?: unknown } }
    return typeof error?.type === 'string' ? `, ${error.type.slice(0, MOST_REASON)}` : ''
  } catch {
    return ''
  }
}

function wait(retryAfter: string | undefined): number {
  const seconds = Number(retryAfter ?? 0)
  return Number.isFinite(seconds) && seconds > 0 ? Math.min(seconds, MOST_SECONDS) * 1000 : 0
}
