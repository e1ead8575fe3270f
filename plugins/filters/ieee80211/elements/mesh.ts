/** Mesh networks: id, configuration, peering, path selection (IEEE 802.11-2020 clauses 9.4.2.96 to 9.4.2.114). Part of the table of neighbors.ts. */
import { mac48, u16, u32 } from '../bytes.ts'
import { putText } from '../put.ts'
import type { ElementHandler, FamilyHandlers } from './chain.ts'

const config = { type: 'int', emit: 'full', source: '9.4.2.97' } as const
const path = { type: 'int', emit: 'full', source: '9.4.2.113' } as const
const station = { type: 'mac', class: 'device_address', emit: 'full', source: '9.4.2.113' } as const

export const meshFields = {
  meshId: { path: 'wlan.mesh.id', type: 'text', class: 'ssid', description: 'Name of the mesh, where it is valid UTF-8.', source: '9.4.2.98' },
  meshIdHex: {
    path: 'wlan.mesh.id_hex',
    type: 'bytes',
    class: 'ssid',
    emit: 'full',
    description: 'Name of the mesh as it was sent.',
    source: '9.4.2.98',
  },
  meshProtocol: { ...config, path: 'wlan.mesh.config.ps_protocol', description: 'Path selection: 1 HWMP.' },
  meshMetric: { ...config, path: 'wlan.mesh.config.ps_metric', description: 'Metric: 1 airtime.' },
  meshAuthentication: { ...config, path: 'wlan.mesh.config.auth_protocol', description: '0 none, 1 SAE, 2 802.1X.' },
  meshCapability: { ...config, path: 'wlan.mesh.config.cap', description: 'Capability bits: 1 accepts peerings, 8 forwards …' },
  meshPeers: { ...config, path: 'wlan.mesh.config.formation_info.num_peers', description: 'Mesh peerings.' },
  peeringProtocol: {
    type: 'int',
    emit: 'full',
    path: 'wlan.peering.proto',
    description: 'Peering protocol: 0 mesh peering, 1 with keys.',
    source: '9.4.2.101',
  },
  peeringLocal: { type: 'int', emit: 'full', path: 'wlan.peering.local_id', description: 'Link id of the sender.', source: '9.4.2.101' },
  hwmpFlags: { ...path, path: 'wlan.hwmp.flags', description: 'Flags of a mesh path request or reply.' },
  hwmpHops: { ...path, path: 'wlan.hwmp.hopcount', description: 'Hops so far.' },
  hwmpTtl: { ...path, path: 'wlan.hwmp.ttl', description: 'Hops that are left.' },
  hwmpMetric: { ...path, path: 'wlan.hwmp.metric', description: 'Metric so far.' },
  hwmpOrigin: { ...station, path: 'wlan.hwmp.orig_sta', description: 'Who looks for a path.' },
  hwmpTarget: { ...station, path: 'wlan.hwmp.targ_sta', description: 'Where to; the first one of a request or an error.' },
  root: { ...station, path: 'wlan.rann.root_sta', description: 'Root that announces itself.', source: '9.4.2.112' },
} as const

/** Makes the handlers; `f` gives the places of `meshFields` in the table that begins at `base`. */
export function meshHandlers(base: number, f: Readonly<Record<keyof typeof meshFields, number>>): FamilyHandlers {
  /** Request, reply and announcement begin alike: flags, hops. */
  const progress: ElementHandler = (event, at, end) => {
    if (at + 3 > end) return
    event.put(base + f.hwmpHops, event.bytes[at + 1])
    event.put(base + f.hwmpTtl, event.bytes[at + 2])
  }

  /** Bit 6 of the flags of request and reply says that an address more is there. */
  const head: ElementHandler = (event, at, end) => {
    if (at < end) event.put(base + f.hwmpFlags, event.bytes[at])
    progress(event, at, end)
  }

  return {
    first: {
      113: (event, at, end) => {
        if (at + 7 > end) return
        const { bytes } = event
        event.put(base + f.meshProtocol, bytes[at])
        event.put(base + f.meshMetric, bytes[at + 1])
        event.put(base + f.meshAuthentication, bytes[at + 4])
        event.put(base + f.meshPeers, (bytes[at + 5] >> 1) & 63)
        event.put(base + f.meshCapability, bytes[at + 6])
      },
      114: (event, at, end) => {
        // Zero length is the wildcard of requests (9.4.2.98).
        if (end === at) return
        event.put(base + f.meshIdHex, at, end - at)
        putText(event, base + f.meshId, at, end)
      },
      117: (event, at, end) => {
        if (at + 4 > end) return
        event.put(base + f.peeringProtocol, u16(event.bytes, at))
        event.put(base + f.peeringLocal, u16(event.bytes, at + 2))
      },
      126: (event, at, end) => {
        if (at + 21 > end) return
        const { bytes } = event
        progress(event, at, end)
        event.put(base + f.root, mac48(bytes, at + 3))
        event.put(base + f.hwmpMetric, u32(bytes, at + 17))
      },
      130: (event, at, end) => {
        head(event, at, end)
        const { bytes } = event
        const rest = at + 17 + (bytes[at] & 0x40 ? 6 : 0)
        if (rest + 16 > end) return
        event.put(base + f.hwmpOrigin, mac48(bytes, at + 7))
        event.put(base + f.hwmpMetric, u32(bytes, rest + 4))
        event.put(base + f.hwmpTarget, mac48(bytes, rest + 10))
      },
      // A path error has hops left, a count, then flags, address and sequence number of each destination.
      132: (event, at, end) => {
        if (at + 9 > end) return
        event.put(base + f.hwmpTtl, event.bytes[at])
        event.put(base + f.hwmpTarget, mac48(event.bytes, at + 3))
      },
      131: (event, at, end) => {
        head(event, at, end)
        const { bytes } = event
        const rest = at + 13 + (bytes[at] & 0x40 ? 6 : 0)
        if (rest + 14 > end) return
        event.put(base + f.hwmpTarget, mac48(bytes, at + 3))
        event.put(base + f.hwmpMetric, u32(bytes, rest + 4))
        event.put(base + f.hwmpOrigin, mac48(bytes, rest + 8))
      },
    },
  }
}
