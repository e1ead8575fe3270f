/** Connections to the servers of one cluster. */
import { buildConnector, Pool } from 'undici'
import { TLS_DEFAULT, type TlsConfig, tlsOptions } from '../../../core/net/tls.ts'

export interface ConnectionOptions {
  readonly hosts: readonly string[]
  /** Value of the `Authorization` header. */
  readonly authorization?: string
  readonly tls?: TlsConfig
  readonly connections: number
  readonly timeout_ms: number
}

export interface Host {
  /** For messages: without a path, and the schema allows no credentials. */
  readonly origin: string
  /** Path prefix without a slash at its end. */
  readonly prefix: string
  readonly pool: Pool
}

/** An answer repeats parts of refused documents; a longer one is none of a bulk. */
const MOST_ANSWER = 256 * 1024 * 1024
const CONNECT_MS = 10_000

/** A pool for each host. Who takes them closes them. */
export function connectHosts({ hosts, tls = TLS_DEFAULT, connections, timeout_ms }: ConnectionOptions): Host[] {
  const timeout = Math.min(timeout_ms, CONNECT_MS)
  return hosts.map((url) => {
    const { origin, pathname, protocol } = new URL(url)
    const connect = protocol === 'https:' ? secure(tls, timeout) : { timeout }
    const limits = { headersTimeout: timeout_ms, bodyTimeout: timeout_ms, maxResponseSize: MOST_ANSWER }
    return { origin, prefix: pathname.replace(/\/+$/, ''), pool: new Pool(origin, { connections, connect, ...limits }) }
  })
}

/** Reads the files again for each connection, so that renewed certificates need no restart. */
function secure(tls: TlsConfig, timeout: number): buildConnector.connector {
  return (options, callback) => {
    const host = options.hostname.replace(/^\[|\]$/g, '')
    tlsOptions(tls, host, Number(options.port || 443)).then(
      (found) => buildConnector({ ...(found as buildConnector.BuildOptions), timeout })({ ...options, servername: found.servername }, callback),
      (error: Error) => callback(error, null),
    )
  }
}
