/** Addresses of forward servers. */
import { isIPv4 } from 'node:net'

export type Host = { readonly host: string; readonly port: number } | { readonly path: string }

const DEFAULT_PORT = 24224

/** `name`, `name:port`, `[v6]:port` or `unix:/path`. */
export const HOST_PATTERN = '^(?:unix:/.+|(?:\\[[0-9A-Fa-f:.]+\\]|[^\\s/:@\\[\\]]+)(?::[0-9]{1,5})?)$'

export function parseHost(address: string): Host {
  if (address.startsWith('unix:')) return { path: address.slice('unix:'.length) }
  const [, host, port] = /^(\[.*\]|[^:]*)(?::(\d+))?$/.exec(address)!
  return { host: host.replace(/^\[|\]$/g, ''), port: port === undefined ? DEFAULT_PORT : Number(port) }
}

export function isLoopback(host: Host): boolean {
  return 'path' in host || host.host === 'localhost' || host.host === '::1' || (isIPv4(host.host) && host.host.startsWith('127.'))
}
