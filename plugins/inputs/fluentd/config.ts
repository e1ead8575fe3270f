/** Options of the section. */
import type { Config } from '../../../core/plugin.ts'

export const config = {
  type: 'object',
  additionalProperties: false,
  dependencies: { users: ['shared_key'] },
  properties: {
    listen: {
      type: 'array',
      minItems: 1,
      uniqueItems: true,
      items: { type: 'string', pattern: '^(?:unix:/.+|(?:\\[[0-9A-Fa-f:.]+\\]|[^\\s/:@\\[\\]]+):[0-9]{1,5})$' },
      default: ['127.0.0.1:24224'],
      description: 'Where to listen: `address:port`, `0.0.0.0:24224` for all of IPv4, or `unix:/path`.',
    },
    shared_key: { type: 'string', minLength: 1, description: 'Key that clients must know. Without it anyone who reaches the port can send.' },
    users: {
      type: 'object',
      additionalProperties: { type: 'string', minLength: 1 },
      description: 'Passwords by user name: clients must then say one of them, beside the key.',
    },
    tls: {
      type: 'object',
      additionalProperties: false,
      required: ['cert_file', 'key_file'],
      description: 'Speak TLS on every port. UNIX sockets speak none. The files are read at the start.',
      properties: {
        cert_file: { type: 'string', minLength: 1, description: 'Our certificate with its chain, PEM.' },
        key_file: { type: 'string', minLength: 1, description: 'Its key, PEM.' },
        client_ca_file: {
          type: 'string',
          minLength: 1,
          description: 'Certificates of clients must be signed by one of these, PEM. Without it none is asked for.',
        },
        min_version: { type: 'string', enum: ['TLSv1.2', 'TLSv1.3'], default: 'TLSv1.2', description: 'Oldest protocol version to accept.' },
      },
    },
    max_message_bytes: {
      type: 'integer',
      minimum: 65_536,
      default: 67_108_864,
      description:
        'Largest message, and the same after decompression; who sends a larger one is hung up on, without an ack. Fluentd with file buffers has chunks of up to 256 MiB unless `chunk_limit_size` says otherwise.',
    },
    max_connections: { type: 'integer', minimum: 1, default: 1024, description: 'More clients at once are hung up on.' },
  },
} as const

export type FluentdInputConfig = Config<typeof config>
