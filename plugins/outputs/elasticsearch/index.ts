/** Writes events to Elasticsearch or OpenSearch. */
import { TLS_DEFAULT, tlsSchema, warnInsecure } from '../../../core/net/tls.ts'
import type { OutputPlugin } from '../../../core/plugin.ts'
import { checkCredentials, credentialsSchema } from './credentials.ts'
import { bulkEncoder } from './encode.ts'
import { proxySchema } from './proxy.ts'

const config = {
  type: 'object',
  additionalProperties: false,
  required: ['hosts'],
  properties: {
    hosts: {
      type: 'array',
      minItems: 1,
      uniqueItems: true,
      items: { type: 'string', pattern: '^https?://[^/?#]+(?:/[^?#]*)?$' },
      description:
        'Servers of one cluster, in turn, each with a path prefix if it has one; no credentials. Where one cannot be reached the next is asked.',
    },
    index: {
      type: 'string',
      default: 'wherry-%Y.%m.%d',
      pattern: '^(?:[a-z0-9]|%[YmdjHM])(?:[a-z0-9._-]|%[YmdjHM])*$',
      description: 'Index by the capture time of the event, so that what is sent or read again meets the same one. %Y %m %d %j %H %M are UTC.',
    },
    data_stream: {
      type: 'boolean',
      default: false,
      description: '`index` is a data stream: one name without times. What is sent again after a rollover is then there twice.',
    },
    retention_days: {
      type: 'integer',
      minimum: 1,
      description: 'Days that the server keeps documents, by a lifecycle that `wherry setup` makes; without it for ever.',
    },
    ...credentialsSchema,
    tls: tlsSchema,
    proxy: proxySchema,
    gzip_level: { type: 'integer', minimum: 0, maximum: 9, default: 1, description: 'How hard to compress requests; 0 sends them as they are.' },
    connections: { type: 'integer', minimum: 1, maximum: 64, default: 2, description: 'Most requests at once; fewer while the server is busy.' },
    timeout_ms: { type: 'integer', minimum: 1, default: 90_000, description: 'Longest wait for an answer; then it is asked again.' },
  },
} as const

export default {
  kind: 'output',
  summary: 'Indexes events in Elasticsearch or OpenSearch, each once, however often it is sent.',
  config,
  parallel: ({ connections }) => connections,
  create: async ({ tls = TLS_DEFAULT, ...config }, { name, fields, clock, log }) => {
    warnInsecure(`output ${name}`, tls, log)
    const { bulkOutput } = await import('./write.ts')
    return bulkOutput({ ...config, credentials: config, tls, fields, clock, random: Math.random, log })
  },
  setup: async (config, { fields, signal }) => {
    const { setUp } = await import('./setup.ts')
    return setUp({ ...config, credentials: config, retention_days: config.retention_days, fields, signal })
  },
  encoder: ({ index, data_stream, hosts, ...credentials }, context) => {
    // Not left to the schema, whose message would repeat the password.
    const at = hosts.findIndex((host) => host.includes('@'))
    if (at >= 0) throw new Error(`hosts[${at}] holds credentials: use username and password, or api_key`)
    checkCredentials(credentials)
    if (data_stream && index.includes('%'))
      throw new Error(`index: a data stream has one name, such as logs-wifi.frame-default; ${index} has times in it`)
    return bulkEncoder(index, context)
  },
} satisfies OutputPlugin<typeof config>
