/** Writes events to Elasticsearch or OpenSearch. */
import { TLS_DEFAULT, tlsSchema, warnInsecure } from '../../../core/net/tls.ts'
import type { OutputPlugin } from '../../../core/plugin.ts'
import { bulkEncoder } from './encode.ts'

const config = {
  type: 'object',
  additionalProperties: false,
  required: ['hosts'],
  dependencies: {
    username: ['password'],
    password: ['username'],
    // One way to log in.
    api_key: { properties: { username: false, bearer_token: false } },
    bearer_token: { properties: { username: false } },
  },
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
    api_key: { type: 'string', minLength: 1, description: 'API key: `id:key`, or the encoded form that Kibana shows.' },
    username: { type: 'string', minLength: 1, description: 'For basic authentication.' },
    password: { type: 'string', description: 'Its password.' },
    bearer_token: { type: 'string', minLength: 1, description: 'Token of a service account.' },
    tls: tlsSchema,
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
  create: async ({ hosts, gzip_level, connections, timeout_ms, tls = TLS_DEFAULT, ...credentials }, { name, clock, log }) => {
    warnInsecure(`output ${name}`, tls, log)
    const { bulkOutput } = await import('./write.ts')
    return bulkOutput({ hosts, authorization: authorization(credentials), tls, gzip_level, connections, timeout_ms, clock, random: Math.random, log })
  },
  setup: async ({ hosts, index, timeout_ms, tls, connections, ...credentials }, { fields, signal }) => {
    const { setUp } = await import('./setup.ts')
    return setUp({ hosts, index, authorization: authorization(credentials), tls, connections, timeout_ms, fields, signal })
  },
  encoder: ({ index, hosts }, context) => {
    // Not left to the schema, whose message would repeat the password.
    const at = hosts.findIndex((host) => host.includes('@'))
    if (at >= 0) throw new Error(`hosts[${at}] holds credentials: use username and password, or api_key`)
    return bulkEncoder(index, context)
  },
} satisfies OutputPlugin<typeof config>

interface Credentials {
  readonly api_key?: string
  readonly bearer_token?: string
  readonly username?: string
  readonly password?: string
}

function authorization({ api_key, bearer_token, username, password }: Credentials): string | undefined {
  const base64 = (text: string) => Buffer.from(text).toString('base64')
  // The encoded form has no colon.
  if (api_key !== undefined) return `ApiKey ${api_key.includes(':') ? base64(api_key) : api_key}`
  if (bearer_token !== undefined) return `Bearer ${bearer_token}`
  return username === undefined ? undefined : `Basic ${base64(`${username}:${password}`)}`
}
