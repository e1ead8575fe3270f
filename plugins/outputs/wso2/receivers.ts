/** The URL sets of the official agents: `{a|b}` fails over, `{a,b}` shares the load, every group gets every event. */

export interface Address {
  readonly tls: boolean
  readonly host: string
  readonly port: number
}

export interface ReceiverGroup {
  /** In order, the first healthy one; else all in turn. */
  readonly failover: boolean
  readonly receivers: readonly { readonly data: Address; readonly auth: Address }[]
}

const URL_TEXT = '(?:tcp|ssl)://(?:\\[[0-9A-Fa-f:.]+\\]|[^\\s/:,|{}\\[\\]]+):\\d{1,5}'
const ONE_KIND = `${URL_TEXT}(?:(?:\\s*\\|\\s*${URL_TEXT})*|(?:\\s*,\\s*${URL_TEXT})*)`
const GROUP = `\\{\\s*${ONE_KIND}\\s*\\}`

/** Pattern of a URL set. A group has `|` or `,`, never both. */
export const RECEIVERS_PATTERN = `^\\s*(?:${ONE_KIND}|${GROUP}(?:\\s*,\\s*${GROUP})*)\\s*$`

/** Between the port for data and the port for logins, as the official agents have it. */
const AUTH_OFFSET = 100

function addressOf(url: string): Address {
  const parts = /^(tcp|ssl):\/\/\[?([^\]]+?)\]?:(\d+)$/.exec(url)
  const port = Number(parts?.[3])
  if (!parts || port < 1 || port > 65_535) throw new Error(`${url} has no port between 1 and 65535`)
  return { tls: parts[1] === 'ssl', host: parts[2], port }
}

function groupsOf(set: string): { failover: boolean; addresses: Address[] }[] {
  const groups = set.includes('{') ? [...set.matchAll(/\{([^}]*)\}/g)].map(([, inner]) => inner) : [set]
  return groups.map((group) => ({ failover: group.includes('|'), addresses: group.split(/[|,]/).map((url) => addressOf(url.trim())) }))
}

/**
 * @param receivers matches `RECEIVERS_PATTERN`
 * @param auth the same shape; without it, TLS on the port 100 above, or the receiver itself where it speaks TLS
 * @throws Error when the two do not go together
 */
export function receiverGroups(receivers: string, auth: string | undefined): ReceiverGroup[] {
  const logins = auth === undefined ? undefined : groupsOf(auth)
  const groups = groupsOf(receivers)
  if (logins && (logins.length !== groups.length || logins.some(({ addresses }, i) => addresses.length !== groups[i].addresses.length)))
    throw new Error('auth must have as many groups and URLs as receivers')
  return groups.map(({ failover, addresses }, g) => ({
    failover,
    receivers: addresses.map((data, i) => ({ data, auth: logins?.[g].addresses[i] ?? authOf(data) })),
  }))
}

function authOf(data: Address): Address {
  return data.tls ? data : { ...data, tls: true, port: data.port + AUTH_OFFSET }
}

export function addressText({ tls, host, port }: Address): string {
  return `${tls ? 'ssl' : 'tcp'}://${host.includes(':') ? `[${host}]` : host}:${port}`
}
