/** 802.11 frames as fields: what frame.ts decodes, written as far as `emit` says. */
import { type FilterPlugin, frame } from '../../../core/plugin.ts'
import { type Emit, hider } from './emit.ts'
import { frameDecoder, TABLES } from './frame.ts'

/** Names of the groups that `emit` takes; a group may have a table for what varies from frame to frame. */
const GROUPS = [...new Set(TABLES.map((table) => table.name))]

const config = {
  type: 'object',
  additionalProperties: false,
  properties: {
    emit: {
      description:
        'Which fields are written: standard, full, or a list of groups, where `standard` may be one. All fields can be used in conditions.',
      default: 'standard',
      oneOf: [{ enum: ['standard', 'full'] }, { type: 'array', items: { enum: ['standard', ...GROUPS] } }],
    },
    network: {
      type: 'boolean',
      default: true,
      description: 'Decode what is above the MAC in unencrypted frames: LLC, EAPOL, EAP, ARP, IP, ports, DHCP and DNS names.',
    },
  },
} as const

export default {
  kind: 'filter',
  summary: 'Decodes 802.11 frames: capture header, MAC, elements, keys, and what unencrypted frames carry.',
  config,
  fields: TABLES,
  create({ emit, network }, { event: pipeline }) {
    const frames = frameDecoder(pipeline)
    const hide = hider(pipeline, [frame, ...TABLES], emit as Emit)
    return {
      apply(event) {
        hide(event)
        frames.decode(event, network)
      },
      closed: frames.closed,
    }
  },
} satisfies FilterPlugin<typeof config>
