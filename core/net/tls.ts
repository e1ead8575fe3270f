/**
 * The `tls` block of plugins that speak TLS, and what Node wants to know of it. Certificates and names are checked unless `insecure` is spelled out.
 *
 * Files are read at each call: who calls again for each connection, or after a failure, works with certificates that were renewed meanwhile.
 */
import { X509Certificate } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { isIP, type Socket } from 'node:net'
import { type ConnectionOptions, checkServerIdentity, connect, type DetailedPeerCertificate } from 'node:tls'
import type { Config, Log } from '../plugin.ts'

export const tlsSchema = {
  type: 'object',
  additionalProperties: false,
  description: 'How to speak TLS. The certificate and the name of the server are always checked, unless `insecure` says otherwise.',
  dependencies: { cert_file: ['key_file'], key_file: ['cert_file'] },
  properties: {
    ca_file: { type: 'string', minLength: 1, description: "Certificates to trust instead of the system's, PEM. Read again after a failure." },
    fingerprint_sha256: {
      type: 'string',
      pattern: '^(?:[0-9A-Fa-f]{2}:?){31}[0-9A-Fa-f]{2}$',
      description:
        "SHA-256 in hex of the server's certificate, whose name then does not matter, or of a CA in the chain that the server presents, as Elasticsearch prints it when it first starts.",
    },
    server_name: { type: 'string', minLength: 1, description: 'Name to ask for and to check instead of the host in the address.' },
    cert_file: { type: 'string', minLength: 1, description: 'Our own certificate, PEM, for servers that ask for one. Read again after a failure.' },
    key_file: { type: 'string', minLength: 1, description: 'Its key, PEM.' },
    min_version: {
      type: 'string',
      enum: ['TLSv1', 'TLSv1.1', 'TLSv1.2', 'TLSv1.3'],
      default: 'TLSv1.2',
      description: 'Oldest protocol version to accept.',
    },
    ciphers: {
      type: 'string',
      minLength: 1,
      description: 'Cipher list of OpenSSL. Servers of before 2015 want `DEFAULT@SECLEVEL=0` and `min_version: TLSv1`.',
    },
    insecure: { type: 'boolean', default: false, description: 'Check nothing: anyone on the way can read and change what is sent.' },
  },
} as const

export type TlsConfig = Config<typeof tlsSchema>

/** Without a `tls` block. */
export const TLS_DEFAULT: TlsConfig = { min_version: 'TLSv1.2', insecure: false }

/**
 * Said once, at the start: nobody should forget that it is so.
 * @param who such as `output search`
 */
export function warnInsecure(who: string, { insecure }: TlsConfig, log: Log): void {
  if (insecure) log.warn(`${who} checks no certificates (tls.insecure): anyone on the way can read and change what is sent`)
}

const PROBE_MS = 10_000

/**
 * Options for `connect` of node:tls, `host` and `port` not among them.
 * @param host name or address of the server, without brackets; it is asked for its certificates when there is a fingerprint
 * @param reach connects to the server where it cannot be reached directly
 * @throws Error when a file cannot be read, or the server does not present a certificate of that fingerprint
 */
export async function tlsOptions(config: TlsConfig, host: string, port: number, reach?: () => Promise<Socket>): Promise<ConnectionOptions> {
  const { ca_file, fingerprint_sha256, server_name, cert_file, key_file, min_version, ciphers, insecure } = config
  const [ca, cert, key] = await Promise.all([ca_file, cert_file, key_file].map((file) => (file === undefined ? undefined : readFile(file, 'utf8'))))
  const name = server_name ?? host
  const options: ConnectionOptions = {
    minVersion: min_version,
    rejectUnauthorized: !insecure,
    // An address is no name to ask for (RFC 6066, section 3).
    ...(isIP(name) > 0 ? {} : { servername: name }),
    ...(server_name === undefined ? {} : { checkServerIdentity: (_, certificate) => checkServerIdentity(server_name, certificate) }),
    ...(ciphers === undefined ? {} : { ciphers }),
    ...(cert === undefined ? {} : { cert, key }),
    ...(ca === undefined ? {} : { ca }),
  }
  if (fingerprint_sha256 === undefined || insecure) return options
  const fingerprint = fingerprint_sha256.replaceAll(':', '').toUpperCase()
  const { certificate, first } = await presented({ ...options, host, port, socket: await reach?.() }, fingerprint)
  return {
    ...options,
    ca: ca === undefined ? [certificate] : [ca, certificate],
    allowPartialTrustChain: true,
    ...(first ? { checkServerIdentity: (_, { fingerprint256 }) => (plain(fingerprint256) === fingerprint ? undefined : new Error(OTHER)) } : {}),
  }
}

const OTHER = 'the server presents no certificate with fingerprint_sha256'

/** The certificate of this fingerprint, PEM, out of what the server presents, and whether it is the server's own. Nothing is sent, and nothing else is trusted. */
async function presented(options: ConnectionOptions, fingerprint: string): Promise<{ certificate: string; first: boolean }> {
  const socket = connect({ ...options, rejectUnauthorized: false })
  try {
    const leaf = await new Promise<DetailedPeerCertificate>((resolve, reject) => {
      socket.once('secureConnect', () => resolve(socket.getPeerCertificate(true)))
      socket.once('error', reject)
      socket.once('close', () => reject(new Error('the server hung up during the TLS handshake')))
      socket.setTimeout(PROBE_MS, () => reject(new Error(`no TLS handshake within ${PROBE_MS / 1000} s`)))
    })
    const chain = chainOf(leaf)
    const at = chain.findIndex(({ fingerprint256 }) => plain(fingerprint256) === fingerprint)
    if (at < 0) throw new Error(OTHER)
    return { certificate: new X509Certificate(chain[at].raw).toString(), first: at === 0 }
  } finally {
    socket.destroy()
  }
}

function plain(fingerprint: string): string {
  return fingerprint.replaceAll(':', '')
}

/** From the server's own to the last that it presents, which names itself as issuer. */
function chainOf(leaf: DetailedPeerCertificate): DetailedPeerCertificate[] {
  const chain: DetailedPeerCertificate[] = []
  for (let next: DetailedPeerCertificate | undefined = leaf; next?.raw && !chain.includes(next); next = next.issuerCertificate) chain.push(next)
  return chain
}
