/** Requests to a modern Kismet, with its ways to log in. Secrets go into headers only, so that no path or error holds them. */
import type { Readable } from 'node:stream'
import type { ConnectionOptions } from 'node:tls'
import type { Agent as UndiciAgent } from 'undici'
import { Agent, request } from '../../../../core/net/undici.ts'
import { isObject, type JsonObject } from './find.ts'
import { ObjectSplitter } from './split.ts'

export interface HttpOptions {
  readonly address: string
  /** With it https is spoken. */
  readonly tls: ConnectionOptions | undefined
  readonly uri_prefix: string
  readonly token: string | undefined
  readonly user: string | undefined
  readonly password: string | undefined
  /** Longest object of a list. */
  readonly longest: number
  readonly signal: AbortSignal
}

const CONNECT_MS = 10_000
const ANSWER_MS = 30_000
/** Replies that are read as one. */
const MOST_BYTES = 4 * 1024 * 1024

/** Kismet answered, but not with what was asked for. */
export class StatusError extends Error {
  override readonly name = 'StatusError'
  readonly status: number
  constructor(status: number, path: string, withLogin: boolean) {
    super(
      status === 401
        ? withLogin
          ? 'Kismet refuses the token or password (401)'
          : 'Kismet wants a token, or user and password (401)'
        : status === 404
          ? `Kismet has no ${path} (404): is uri_prefix right?`
          : `Kismet answers ${path} with ${status}`,
    )
    this.status = status
  }
}

export class Http {
  readonly #options: HttpOptions
  readonly #agent: UndiciAgent
  readonly #login: Readonly<Record<string, string>>
  /** Given for a password: without it old releases keep a session of its own for each request. */
  #session: string | undefined

  constructor(options: HttpOptions) {
    this.#options = options
    this.#agent = new Agent({ connect: { timeout: CONNECT_MS, ...options.tls }, connections: 8 })
    this.#login = loginHeaders(options)
  }

  get headers(): Readonly<Record<string, string>> {
    return this.#session === undefined ? this.#login : { cookie: this.#session }
  }

  get tls(): ConnectionOptions | undefined {
    return this.#options.tls
  }

  /** The address of a websocket. */
  socketUrl(path: string): string {
    const { tls, address, uri_prefix } = this.#options
    return `${tls ? 'wss' : 'ws'}://${address}${uri_prefix}${path}`
  }

  /** A reply that is one object. */
  async object(path: string, fields?: object): Promise<JsonObject> {
    const body = await this.#open(path, fields, ANSWER_MS)
    const pieces: Buffer[] = []
    let length = 0
    for await (const piece of body) {
      length += (piece as Buffer).length
      if (length > MOST_BYTES) throw new Error(`the reply to ${path} is over ${MOST_BYTES} bytes`)
      pieces.push(piece as Buffer)
    }
    const json: unknown = parse(Buffer.concat(pieces).toString('utf8'), path)
    if (!isObject(json)) throw new Error(`the reply to ${path} is not an object`)
    return json
  }

  /**
   * The objects of a list, one by one as they come in.
   * @param room waits until there is room for more
   */
  async list(
    path: string,
    fields: object | undefined,
    take: (bytes: Buffer) => void,
    long: (bytes: number) => void,
    room: () => Promise<void>,
  ): Promise<void> {
    const body = await this.#open(path, fields, ANSWER_MS)
    const splitter = new ObjectSplitter(this.#options.longest, { object: take, long })
    for await (const piece of body) {
      splitter.push(piece as Buffer)
      await room()
    }
    if (!splitter.whole) throw new Error(`the reply to ${path} is cut`)
  }

  /** A reply without an end. */
  stream(path: string): Promise<Readable> {
    // Where nothing is sent nothing comes.
    return this.#open(path, undefined, 0)
  }

  async close(): Promise<void> {
    await this.#agent.destroy()
  }

  async #open(path: string, fields: object | undefined, bodyTimeout: number): Promise<Readable> {
    const { tls, address, uri_prefix, signal } = this.#options
    const { statusCode, headers, body } = await request(`${tls ? 'https' : 'http'}://${address}${uri_prefix}${path}`, {
      dispatcher: this.#agent,
      signal,
      headersTimeout: ANSWER_MS,
      bodyTimeout,
      method: fields ? 'POST' : 'GET',
      headers: { ...this.headers, ...(fields ? { 'content-type': 'application/x-www-form-urlencoded' } : {}) },
      body: fields ? `json=${encodeURIComponent(JSON.stringify(fields))}` : null,
    })
    if (statusCode === 200) {
      if ('authorization' in this.headers) this.#session = sessionOf(headers['set-cookie'])
      return body
    }
    await body.dump()
    if (statusCode === 401 && this.#session !== undefined) {
      // Sessions end after a day.
      this.#session = undefined
      return this.#open(path, fields, bodyTimeout)
    }
    throw new StatusError(statusCode, path.replace(/\d[\d.]*/g, 'N'), Object.keys(this.headers).length > 0)
  }
}

/** `KISMET=…` of what a reply sets. */
function sessionOf(cookies: string | string[] | undefined): string | undefined {
  for (const cookie of [cookies ?? []].flat()) {
    const [pair] = cookie.split(';')
    if (/^KISMET=./.test(pair)) return pair
  }
  return undefined
}

/** A token as the session cookie; a password at once, since Kismet's 401 has no challenge. */
function loginHeaders({ token, user, password }: HttpOptions): Record<string, string> {
  if (token !== undefined) return { cookie: `KISMET=${token}` }
  if (user === undefined) return {}
  return { authorization: `Basic ${Buffer.from(`${user}:${password ?? ''}`).toString('base64')}` }
}

function parse(text: string, path: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw new Error(`the reply to ${path} is not JSON`)
  }
}
