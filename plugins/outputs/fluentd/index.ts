/** Sends events to Fluentd, Fluent Bit and others that speak the forward protocol. */
import { tlsSchema, warnInsecure } from '../../../core/net/tls.ts'
import type { OutputPlugin } from '../../../core/plugin.ts'
import { entryEncoder, type TimeForm } from './encode.ts'
import { HOST_PATTERN } from './hosts.ts'

const config = {
  type: 'object',
  additionalProperties: false,
  required: ['hosts'],
  dependencies: { username: ['password', 'shared_key'], password: ['username'] },
  properties: {
    hosts: {
      type: 'array',
      minItems: 1,
      uniqueItems: true,
      items: { type: 'string', pattern: HOST_PATTERN },
      description: 'Servers that take turns, as `host:port` (24224 when there is none) or `unix:/path`. Where one fails the next is tried.',
    },
    standby: {
      type: 'array',
      uniqueItems: true,
      default: [],
      items: { type: 'string', pattern: HOST_PATTERN },
      description: 'Servers that are tried when none of `hosts` takes the data.',
    },
    weights: {
      type: 'object',
      default: {},
      additionalProperties: { type: 'integer', minimum: 1 },
      description:
        'How often each of `hosts`, or of `standby`, has its turn, in proportion: a number for each address; 60 for those that are not named.',
    },
    heartbeat_ms: {
      type: 'integer',
      minimum: 0,
      default: 1000,
      description: 'How often a server that failed is called to see whether it is back; 0 for never: then it is only written to again after a rest.',
    },
    tag: {
      type: 'string',
      pattern: '^(?:[^\\s{}$]|\\$\\{[^\\s{}$]+\\})+$',
      default: `wifi.\${event.dataset}`,
      description: 'Tag of the events, with fields of the event, of which each that is absent is `unknown`. In a config write `$${field}`.',
    },
    mode: {
      type: 'string',
      enum: ['message', 'forward', 'packed_forward', 'compressed_packed_forward'],
      default: 'packed_forward',
      description: 'Carrier mode. All receivers of today know all four; message is slow and for the oldest.',
    },
    compression: {
      type: 'string',
      enum: ['gzip', 'zstd'],
      default: 'gzip',
      description: 'For compressed_packed_forward; zstd wants Node 22.15 here, and Fluentd 1.19 or Fluent Bit there.',
    },
    ack: { type: 'boolean', default: true, description: 'Ask for acks. Without them what a server that goes away had not read yet is lost.' },
    ack_timeout_ms: {
      type: 'integer',
      minimum: 1,
      default: 190_000,
      description: 'Longest wait for an ack; then it is sent again under the same chunk id.',
    },
    connections: {
      type: 'integer',
      minimum: 1,
      maximum: 64,
      default: 2,
      description: 'Most payloads under way at once, each on a connection of its own.',
    },
    shared_key: { type: 'string', minLength: 1, description: 'Key that both sides must know.' },
    username: { type: 'string', minLength: 1, description: 'For servers with users, beside the key.' },
    password: { type: 'string', description: 'Its password.' },
    tls: tlsSchema,
    time_as_integer: {
      type: 'boolean',
      default: false,
      description: 'Send whole seconds, for receivers of before 2016. `@timestamp` in the record keeps the nanoseconds.',
    },
    metadata: {
      type: 'boolean',
      default: false,
      description:
        'Send entries with a place for metadata, as Fluent Bit does. Fluentd up to 1.19 refuses them. Nothing to mode message and time_as_integer.',
    },
  },
} as const

export default {
  kind: 'output',
  summary: 'Sends events to Fluentd, Fluent Bit or others that speak the forward protocol, and waits for their acks.',
  config,
  parallel: ({ connections }) => connections,
  create: async ({ shared_key, username, password, ...options }, { name, clock, log }) => {
    if (options.tls) warnInsecure(`output ${name}`, options.tls, log)
    const { fluentdOutput } = await import('./output.ts')
    const credentials = shared_key === undefined ? undefined : { shared_key, username, password }
    return fluentdOutput({ ...options, tls: options.tls, credentials, random: Math.random, clock, log })
  },
  encoder: ({ tag, mode, time_as_integer, metadata, hosts, standby, weights }, context) => {
    for (const address of Object.keys(weights))
      if (![...hosts, ...standby].includes(address)) throw new Error(`weights names ${address}, which is neither in hosts nor in standby`)
    const time: TimeForm = time_as_integer ? 'integer' : metadata && mode !== 'message' ? 'metadata' : 'event time'
    return entryEncoder({ tag, time }, context)
  },
} satisfies OutputPlugin<typeof config>
