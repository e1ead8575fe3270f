/** Publishes events to the databridge of WSO2 servers. */
import { TLS_DEFAULT, tlsSchema, warnInsecure } from '../../../core/net/tls.ts'
import type { OutputPlugin } from '../../../core/plugin.ts'
import { rowEncoder, type Transport } from './encode.ts'
import { receiverGroups } from './receivers.ts'
import { type Stream, streamsOf, TYPES } from './streams.ts'

const attributes = {
  type: 'array',
  items: {
    type: 'object',
    additionalProperties: false,
    required: ['name', 'type', 'from'],
    properties: {
      name: {
        type: 'string',
        pattern: '^(?!meta_|correlation_)[A-Za-z_][A-Za-z0-9_]*$',
        description: "Name of the attribute: letters, digits and `_`; `meta_` and `correlation_` in front are the server's own.",
      },
      type: { type: 'string', enum: TYPES, description: 'Type of the attribute.' },
      from: { type: 'string', minLength: 1, description: 'Field of the event.' },
      default: {
        type: ['string', 'number', 'boolean'],
        description: 'Value where the event has none. Without it: null for STRING, NaN for FLOAT and DOUBLE, 0 for INT and LONG, false for BOOL.',
      },
    },
  },
} as const

const config = {
  type: 'object',
  additionalProperties: false,
  required: ['receivers', 'username', 'password', 'streams'],
  properties: {
    receivers: {
      type: 'string',
      minLength: 1,
      description:
        'Where events go: `tcp://host:7611`, or `ssl://host:7711` for TLS. `{a|b}`: the first that is well; `{a,b}`: all in turn; `{a|b},{c,d}`: each group gets every event.',
    },
    auth: {
      type: 'string',
      minLength: 1,
      description:
        'Where to log in, in the same shape. Without it: `ssl://` on the port 100 above each receiver, or the receiver itself where it speaks TLS.',
    },
    username: { type: 'string', minLength: 1, description: 'User with the permission to log in; of a tenant `user@tenant.domain`.' },
    password: { type: 'string', description: 'Its password.' },
    tls: tlsSchema,
    streams: {
      type: 'array',
      minItems: 1,
      description: 'Streams; an event goes to the first one whose `when` holds. One that no stream takes counts as not matched.',
      items: {
        type: 'object',
        additionalProperties: false,
        properties: {
          preset: {
            type: 'string',
            enum: ['kismet_2016', 'frames', 'devices'],
            description: 'A stream that is known here; what else is given replaces parts of it.',
          },
          name: { type: 'string', pattern: '^[A-Za-z][A-Za-z0-9._]*$', description: 'Name of the stream.' },
          version: { type: 'string', pattern: '^[0-9]+\\.[0-9]+\\.[0-9]+$', description: 'Version of the stream. Without it 1.0.0.' },
          nickname: { type: 'string', pattern: '^[^\'"]*$', description: 'Nickname in the definition.' },
          description: { type: 'string', pattern: '^[^\'"]*$', description: 'Description in the definition.' },
          tags: { type: 'array', items: { type: 'string', pattern: '^[^\'"]*$' }, description: 'Tags in the definition.' },
          meta: { ...attributes, description: 'Attributes of the meta section.' },
          correlation: { ...attributes, description: 'Attributes of the correlation section.' },
          payload: { ...attributes, description: 'Attributes of the payload section.' },
          arbitrary: {
            type: 'object',
            additionalProperties: { type: 'string' },
            description: 'Keys and fields of what is sent beside the definition, as text, where the event has it.',
          },
          when: { type: 'string', format: 'when', description: 'Events that belong to the stream. Without it: all.' },
        },
      },
    },
    transport: {
      type: 'string',
      enum: ['thrift', 'binary'],
      default: 'thrift',
      description: 'Protocol; `binary` for the ports 9611 and 9711 of DAS 3 and later, where streams must exist on the server.',
    },
    define: { type: 'boolean', default: true, description: 'Define streams; false: they must exist on the server.' },
    connections: { type: 'integer', minimum: 1, maximum: 64, default: 2, description: 'Most bundles under way at once.' },
    timeout_ms: {
      type: 'integer',
      minimum: 1,
      default: 60_000,
      description: 'Longest wait for the acknowledgement of a bundle, which a server with a full queue holds back; then it is sent again.',
    },
    session_s: { type: 'integer', minimum: 1, default: 1500, description: 'Age at which a session is renewed; servers end it after 30 minutes.' },
  },
} as const

/** How bundles are made and calls are done, and which streams are looked for and defined. Code of the other transport, and the packages it needs, are not loaded. */
async function wireOf(transport: Transport, streams: readonly Stream[]) {
  if (transport === 'binary') {
    const { bundle, speakBinary } = await import('./binary/client.ts')
    return { bundle, speak: speakBinary, streams: [] }
  }
  const [{ bundler }, { speakThrift }] = await Promise.all([import('./thrift/bundle.ts'), import('./thrift/client.ts')])
  return { bundle: bundler(streams), speak: speakThrift, streams }
}

export default {
  kind: 'output',
  summary: 'Publishes events as typed streams to WSO2 servers (BAM, CEP, DAS, Stream Processor) over Thrift.',
  config,
  parallel: ({ connections }) => connections,
  create: async ({ receivers, auth, tls = TLS_DEFAULT, streams, transport, connections: _, ...options }, { name, clock, log }) => {
    const [{ bundleOutput }, wire] = await Promise.all([import('./write.ts'), wireOf(transport, streamsOf(streams))])
    warnInsecure(`output ${name}`, tls, log)
    const groups = receiverGroups(receivers, auth)
    return bundleOutput({ ...options, ...wire, groups, tls, clock, random: Math.random })
  },
  encoder: ({ receivers, auth, streams, transport }, context) => {
    // What a pattern cannot say is found out when the config is checked, not when it runs.
    receiverGroups(receivers, auth)
    return rowEncoder(streams, transport, context)
  },
} satisfies OutputPlugin<typeof config>
