/** Options of the section. */
import { tlsSchema } from '../../../core/net/tls.ts'
import type { Config } from '../../../core/plugin.ts'

export const config = {
  type: 'object',
  additionalProperties: false,
  properties: {
    address: {
      type: 'string',
      pattern: '^(\\[[0-9a-fA-F:.]+\\]|[^\\s/:@\\[\\]]+)(:[0-9]{1,5})?$',
      default: '127.0.0.1:2501',
      description: 'Host and port of Kismet; port 2501 when there is none.',
    },
    generation: {
      type: 'string',
      enum: ['auto', 'legacy', 'modern'],
      default: 'auto',
      description:
        'legacy is Kismet 2009 to 2016 with its line protocol, modern is 2019 and later with HTTP. auto finds out: the legacy server speaks first.',
    },
    token: { type: 'string', minLength: 1, description: 'API token of the modern generation; the role readonly is enough.' },
    user: { type: 'string', minLength: 1, description: 'User name of the modern generation, where there is no token.' },
    password: { type: 'string', description: 'Password of the user.' },
    https: { type: 'boolean', default: false, description: 'Speak TLS, to a proxy in front of a modern Kismet. Its certificate is checked.' },
    tls: {
      ...tlsSchema,
      description: 'With https. The certificate and the name of the server are always checked, unless `insecure` says otherwise.',
    },
    uri_prefix: {
      type: 'string',
      pattern: '^(/[^/\\s?#]+)*$',
      default: '',
      description: 'What stands before every path (httpd_uri_prefix), such as /kismet.',
    },
    log: {
      type: 'string',
      minLength: 1,
      description: 'Instead of a running Kismet: a log of one (*.kismet), whose devices and alerts are read once; with frames: all its packets too.',
    },
    records: { type: 'boolean', default: true, description: 'Whether devices, networks, alerts, messages and states become events.' },
    sentences: {
      type: 'object',
      additionalProperties: { oneOf: [{ enum: ['*'] }, { type: 'array', items: { type: 'string', pattern: '^[A-Za-z0-9_]+$' }, minItems: 1 }] },
      description:
        'Legacy: the sentences to subscribe, each with its fields or *. Without it all that are useful. Fields that tell records apart are asked for as well; those that the server cannot write right are left out.',
    },
    frames: {
      type: 'string',
      pattern: '^(none|all|source/[0-9A-Fa-f-]+|device/[0-9A-Fa-f_]+|bssid/[0-9A-Fa-f:]+)$',
      default: 'none',
      description:
        'Modern: also read the frames themselves as a capture stream, for the filter ieee80211: all, or those of source/UUID, device/KEY or bssid/ADDRESS.',
    },
    silent_s: {
      type: 'integer',
      minimum: 0,
      default: 60,
      description: 'Seconds without a new frame after which an event says so, with the likely cause. 0: never.',
    },
  },
  dependencies: { password: ['user'], user: ['password'] },
} as const

export type KismetConfig = Config<typeof config>
