/** Connections to the servers of one cluster. */
import type { buildConnector as Connector } from 'undici'
import { TLS_DEFAULT, type TlsConfig, tlsOptions } from '../../../core/net/tls.ts'
import { buildConnector, Pool } from '../../../core/net/undici.ts'
import { authorizationOf, type Credentials } from './credentials.ts'
import { exchange } from './exchange.ts'
import { type ProxyConfig, proxyHeaders, tunnel } from './proxy.ts'

export interface ConnectionOptions {
  readonly hosts: readonly string[]
  readonly credentials: Credentials
  readonly tls?: TlsConfig
  readonly proxy?: ProxyConfig
  readonly connections: number
  readonly timeout_ms: number
}

export interface Request {
  readonly method: 'GET' | 'PUT' | 'POST'
  /** Below the prefix of the host, with a slash. */
  readonly path: string
  readonly headers?: Record<string, string>
  readonly body?: Uint8Array | string
  readonly signal: AbortSignal
}

export interface Answer {
  readonly status: number
  readonly retryAfter: string
  readonly body: Buffer
}

export interface Host {
  /** For messages: without a path, and the schema allows no credentials. */
  readonly origin: string
  /**
   * Whatever the status: an answer.
   * @throws Error that names the host, when there is none
   */
  ask(request: Request): Promise<Answer>
  close(): Promise<void>
}

/** An answer repeats parts of refused documents; a longer one is none of a bulk. */
const MOST_ANSWER = 256 * 1024 * 1024
const CONNECT_MS = 10_000

/** A pool for each host. Who takes them closes them. */
export function connectHosts({ hosts, credentials, tls = TLS_DEFAULT, proxy, connections, timeout_ms }: ConnectionOptions): Host[] {
  const timeout = Math.min(timeout_ms, CONNECT_MS)
  return hosts.map((url) => {
    const { origin, host, pathname, protocol } = new URL(url)
    const secure = protocol === 'https:'
    // A proxy is told the whole address of what it is to fetch; through a tunnel the server is spoken to as ever.
    const relayed = proxy !== undefined && !secure
    const start = `${relayed ? origin : ''}${pathname.replace(/\/+$/, '')}`
    const fixed = relayed ? { host, ...proxyHeaders(proxy) } : {}
    const connect = secure ? secureConnector(tls, proxy, timeout) : { timeout }
    const limits = { headersTimeout: timeout_ms, bodyTimeout: timeout_ms, maxResponseSize: MOST_ANSWER }
    const pool = new Pool(relayed ? new URL(proxy.url).origin : origin, { connections, connect, ...limits })
    return {
      origin,
      async ask({ method, path, headers, body, signal }) {
        try {
          const authorization = await authorizationOf(credentials)
          const all = { ...fixed, ...headers, ...(authorization === undefined ? {} : { authorization }) }
          const answer = await exchange(pool, { method, path: start + path, headers: all, body }, signal)
          return { status: answer.status, retryAfter: String(answer.headers['retry-after'] ?? ''), body: answer.body }
        } catch (error) {
          signal.throwIfAborted()
          const { message, code } = error as NodeJS.ErrnoException
          throw new Error(`${origin} cannot be reached: ${message || code}`, { cause: error })
        }
      },
      close: () => pool.destroy(),
    }
  })
}

/** The first host whose answer can be used. */
export async function firstOf<T>(hosts: readonly Host[], use: (host: Host) => Promise<T>): Promise<T> {
  const problems: string[] = []
  for (const host of hosts) {
    try {
      return await use(host)
    } catch (error) {
      problems.push((error as Error).message)
    }
  }
  throw new Error(problems.join('; '))
}

/** What an answer says; undefined when it is no JSON. */
export function jsonOf(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString())
  } catch {
    return undefined
  }
}

/** Reads the files again for each connection, so that renewed certificates need no restart. */
function secureConnector(tls: TlsConfig, proxy: ProxyConfig | undefined, timeout: number): Connector.connector {
  return (options, callback) => {
    const host = options.hostname.replace(/^\[|\]$/g, '')
    const port = Number(options.port || 443)
    const reach = proxy && (() => tunnel(proxy, host, port, timeout))
    const connect = async () => {
      const found = await tlsOptions(tls, host, port, reach)
      const connector = buildConnector({ ...(found as Connector.BuildOptions), timeout })
      return { connector, servername: found.servername, httpSocket: await reach?.() }
    }
    connect().then(
      ({ connector, servername, httpSocket }) => connector({ ...options, servername, httpSocket }, callback),
      (error: Error) => callback(error, null),
    )
  }
}
