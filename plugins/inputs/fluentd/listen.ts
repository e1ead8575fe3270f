/** Servers on the addresses of the section. */
import { once } from 'node:events'
import { readFile, rm, stat } from 'node:fs/promises'
import { connect, createServer, type ListenOptions, type Server, type Socket } from 'node:net'
import { createServer as createTlsServer } from 'node:tls'
import type { FluentdInputConfig } from './config.ts'

/** @throws Error when one of them cannot be listened on; then none is */
export async function listen(
  { listen: addresses, tls, max_connections }: Pick<FluentdInputConfig, 'listen' | 'tls' | 'max_connections'>,
  accept: (socket: Socket) => void,
): Promise<Server[]> {
  const servers: Server[] = []
  try {
    for (const address of addresses) {
      const where = parseAddress(address)
      if (where.path !== undefined) await removeStale(where.path)
      const server = tls && where.path === undefined ? await tlsServer(tls, accept) : createServer({ allowHalfOpen: true }, accept)
      server.maxConnections = max_connections
      servers.push(server)
      server.listen(where)
      await once(server, 'listening')
    }
    return servers
  } catch (error) {
    for (const server of servers) server.close()
    throw error
  }
}

async function tlsServer(tls: NonNullable<FluentdInputConfig['tls']>, accept: (socket: Socket) => void): Promise<Server> {
  const { cert_file, key_file, client_ca_file, min_version } = tls
  const [cert, key, ca] = await Promise.all(
    [cert_file, key_file, client_ca_file].map((file) => (file === undefined ? undefined : readFile(file, 'utf8'))),
  )
  const clients = ca === undefined ? {} : { ca, requestCert: true, rejectUnauthorized: true }
  const server = createTlsServer({ cert, key, minVersion: min_version, allowHalfOpen: true, ...clients }, accept)
  // Port scanners, clients that do not trust us, or whom we do not trust.
  server.on('tlsClientError', () => undefined)
  return server
}

export function parseAddress(address: string): ListenOptions {
  if (address.startsWith('unix:')) return { path: address.slice('unix:'.length) }
  const [, host, port] = /^(.*):(\d+)$/.exec(address)!
  return { host: host.replace(/^\[|\]$/g, ''), port: Number(port) }
}

export function isPublic(address: string): boolean {
  const { host, path } = parseAddress(address)
  return path === undefined && host !== 'localhost' && host !== '::1' && !host!.startsWith('127.')
}

/** The socket of a process that was killed stays behind. */
async function removeStale(path: string): Promise<void> {
  const about = await stat(path).catch(() => undefined)
  if (!about?.isSocket()) return
  const probe = connect({ path })
  const answered = await new Promise<boolean>((resolve) => {
    probe.once('connect', () => resolve(true))
    probe.once('error', ({ code }: NodeJS.ErrnoException) => resolve(code !== 'ECONNREFUSED'))
  })
  probe.destroy()
  if (!answered) await rm(path, { force: true })
}
