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

/** Between the port for data and the port for logins, as the official agents have it. */
const AUTH_OFFSET = 100

function addressOf(url: string): Address {
  const parts = /^(tcp|ssl):\/\/(?:\[([0-9A-Fa-f:.]+)\]|([^\s/:|{}[\]]+)):(\d+)$/.exec(url)
  if (!parts) throw new Error(`"${url}" is not tcp://host:port or ssl://host:port`)
  const port = Number(parts[4])
  if (port < 1 || port > 65_535) throw new Error(`${url} has no port between 1 and 65535`)
  return { tls: parts[1] === 'ssl', host: parts[2] ?? parts[3], port }
}

function groupsOf(set: string): { failover: boolean; addresses: Address[] }[] {
  const braced = set.includes('{') || set.includes('}')
  if (braced && !/^\s*\{[^{}]*\}(\s*,\s*\{[^{}]*\})*\s*$/.test(set)) throw new Error(`"${set}" is not {…} or {…},{…}`)
  const groups = braced ? [...set.matchAll(/\{([^}]*)\}/g)].map(([, inner]) => inner) : [set]
  return groups.map((group) => {
    if (group.includes('|') && group.includes(','))
      throw new Error(`"${group}" has both | (fail over) and , (share the load); a group is one or the other`)
    return { failover: group.includes('|'), addresses: group.split(/[|,]/).map((url) => addressOf(url.trim())) }
  })
}

/**
 * @param auth the shape of `receivers`; without it, TLS on the port 100 above, or the receiver itself where it speaks TLS
 * @throws Error that says what is wrong with one of them, or that the two do not go together
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
