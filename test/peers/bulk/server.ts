/**
 * A scripted server that speaks `_bulk`, and as much of templates and mappings as a shipper asks for. What it is sent it holds to the rules: pairs of lines with a newline at
 * the end, no `_type`, a content type it knows, an inflated size within its limit. Each document is kept once under its index and id.
 *
 * The next steps of `script` say how the next bulks are answered; without one they are taken.
 */
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import type { TlsOptions } from 'node:tls'
import { gunzipSync } from 'node:zlib'

/** - `reset` and `cut` (an answer cut short, in whole framing) come after all was stored. */
export type Step =
  | { readonly status: number; readonly type?: string; readonly headers?: Record<string, string> }
  | { readonly items: Readonly<Record<number, { readonly status: number; readonly type: string; readonly reason?: string }>> }
  | { readonly aside: readonly number[] }
  | 'take'
  | 'reset'
  | 'cut'

export interface BulkServerOptions {
  /** What `GET /` says of the version. Default: OpenSearch 2.15. */
  readonly version?: object
  /** The header that Elasticsearch's own clients insist on. Default false. */
  readonly product?: boolean
  /** Most bytes of a body, inflated. */
  readonly limit?: number
  readonly tls?: TlsOptions
  /** Refuses documents by themselves: the type of a mapping error, or undefined. */
  readonly refuse?: (document: Record<string, unknown>) => string | undefined
}

/** A request as it came. */
export interface Bulk {
  readonly headers: IncomingMessage['headers']
  /** Ids, in order; empty when it was refused before it was parsed. */
  readonly ids: readonly string[]
  /** Inflated. */
  readonly bytes: number
}

const TYPES = ['application/x-ndjson', 'application/json']

export class BulkServer {
  readonly url: string
  readonly bulks: Bulk[] = []
  /** By index and id, as text. */
  readonly documents = new Map<string, string>()
  readonly script: Step[] = []
  /** By index. */
  readonly mappings = new Map<string, object>()
  /** Mapping that indexes to be made will have. */
  template: object | undefined = { dynamic: false }
  /** Who does not send it is answered with 401. */
  authorization: string | undefined
  /** All other requests: `GET /`. */
  readonly asked: string[] = []
  /** Requests without the right authorization, and handshakes that failed. */
  refused = 0
  readonly #options: BulkServerOptions
  readonly #server: ReturnType<typeof createServer>

  private constructor(options: BulkServerOptions, server: ReturnType<typeof createServer>) {
    this.#options = options
    this.#server = server
    this.url = `${options.tls ? 'https' : 'http'}://127.0.0.1:${(server.address() as AddressInfo).port}`
  }

  static async start(options: BulkServerOptions = {}): Promise<BulkServer> {
    let self: BulkServer | undefined
    const listener = (request: IncomingMessage, response: ServerResponse) => void self?.answer(request, response)
    const server = options.tls ? createTlsServer(options.tls, listener) : createServer(listener)
    server.on('tlsClientError', () => self && self.refused++)
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    self = new BulkServer(options, server)
    return self
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections()
    this.#server.close()
    await once(this.#server, 'close')
  }

  async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const pieces: Buffer[] = []
    try {
      for await (const piece of request) pieces.push(piece as Buffer)
    } catch {
      return
    }
    if (this.#options.product) response.setHeader('x-elastic-product', 'Elasticsearch')
    response.setHeader('content-type', 'application/json; charset=UTF-8')
    const path = (request.url ?? '').split('?')[0]
    if (this.authorization !== undefined && request.headers.authorization !== this.authorization) {
      this.refused++
      if (path === '/_bulk') this.bulks.push({ headers: request.headers, ids: [], bytes: 0 })
      return void response.writeHead(401).end(errorText('security_exception', 'missing authentication credentials'))
    }
    if (path === '/_bulk' && request.method === 'POST') return this.#bulk(request, response, Buffer.concat(pieces))
    this.asked.push(`${request.method} ${path}`)
    if (path === '/') return void response.end(JSON.stringify({ version: this.#options.version ?? { distribution: 'opensearch', number: '2.15.0' } }))
    const [, index, what] = path.split('/')
    if (what === '_mapping') {
      const mappings = this.mappings.get(index)
      if (mappings) return void response.end(JSON.stringify({ [index]: { mappings } }))
      return void response.writeHead(404).end(errorText('index_not_found_exception', `no such index [${index}]`))
    }
    if (path.startsWith('/_index_template/_simulate_index/')) {
      return void response.end(JSON.stringify(this.template ? { template: { mappings: this.template } } : {}))
    }
    response.end('{"acknowledged":true}')
  }

  #bulk({ headers, socket }: IncomingMessage, response: ServerResponse, sent: Buffer): void {
    const body = headers['content-encoding'] === 'gzip' ? gunzipSync(sent) : sent
    const refuse = (status: number, type: string, reason: string) => {
      this.bulks.push({ headers, ids: [], bytes: body.length })
      response.writeHead(status).end(errorText(type, reason))
    }
    if (!TYPES.includes(headers['content-type'] ?? '')) return refuse(406, 'media_type_header_exception', 'Content-Type is not supported')
    if (body.length > (this.#options.limit ?? 100 * 1024 * 1024)) return refuse(413, 'content_too_long_exception', 'too large')
    const lines = parsed(body.toString())
    if (typeof lines === 'string') return refuse(400, 'illegal_argument_exception', lines)
    this.bulks.push({ headers, ids: lines.map(({ id }) => id), bytes: body.length })
    const step = this.script.shift() ?? 'take'
    if (typeof step === 'object' && 'status' in step) {
      return void response.writeHead(step.status, step.headers).end(step.type === undefined ? '<html></html>' : errorText(step.type, 'as told'))
    }
    const items = lines.map((line, i) => ({ create: this.#take(line, i, step) }))
    const answer = JSON.stringify({ errors: items.some(({ create }) => create.status >= 300), items })
    if (step === 'reset') return void socket.destroy()
    response.end(step === 'cut' ? answer.slice(0, -10) : answer)
  }

  #take({ index, id, source }: Line, i: number, step: Step): { status: number; error?: object; failure_store?: string } {
    if (typeof step === 'object' && 'items' in step && step.items[i]) {
      const { status, type, reason = 'as told' } = step.items[i]
      return { status, error: { type, reason } }
    }
    const type = this.#options.refuse?.(JSON.parse(source) as Record<string, unknown>)
    if (type !== undefined) return { status: 400, error: { type, reason: 'failed to parse field' } }
    const key = `${index}/${id}`
    if (this.documents.has(key)) return { status: 409, error: { type: 'version_conflict_engine_exception', reason: 'document already exists' } }
    this.documents.set(key, source)
    return typeof step === 'object' && 'aside' in step && step.aside.includes(i) ? { status: 201, failure_store: 'used' } : { status: 201 }
  }
}

interface Line {
  readonly index: string
  readonly id: string
  readonly source: string
}

/** The documents of a body, or what is wrong with it. */
function parsed(body: string): Line[] | string {
  const lines = body.split('\n')
  if (lines.pop() !== '') return 'The bulk request must be terminated by a newline [\\n]'
  if (lines.length % 2 !== 0) return 'an action without a document'
  try {
    return Array.from({ length: lines.length / 2 }, (_, i) => {
      const action = JSON.parse(lines[2 * i]) as Record<string, Record<string, unknown>>
      const [[name, { _index, _id, ...rest }], ...more] = Object.entries(action)
      if (name !== 'create' || more.length > 0) throw new Error(`Malformed action/metadata line [${2 * i + 1}]`)
      const unknown = Object.keys(rest)[0]
      if (unknown !== undefined) throw new Error(`Action/metadata line [${2 * i + 1}] contains an unknown parameter [${unknown}]`)
      if (typeof _index !== 'string' || typeof _id !== 'string' || _id.length > 512) throw new Error('an action without index or id')
      JSON.parse(lines[2 * i + 1])
      return { index: _index, id: _id, source: lines[2 * i + 1] }
    })
  } catch (error) {
    return (error as Error).message
  }
}

function errorText(type: string, reason: string): string {
  return JSON.stringify({ error: { root_cause: [{ type, reason }], type, reason } })
}
