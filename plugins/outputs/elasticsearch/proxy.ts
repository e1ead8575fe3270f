/** Reaching servers through an HTTP proxy. */
import { request as httpRequest } from 'node:http'
import { request as httpsRequest } from 'node:https'
import type { Socket } from 'node:net'
import type { Config } from '../../../core/plugin.ts'

export const proxySchema = {
  type: 'object',
  additionalProperties: false,
  required: ['url'],
  dependencies: { username: ['password'], password: ['username'] },
  description: 'HTTP proxy that all requests go through: in a tunnel to servers with https, as the address of the request to those with http.',
  properties: {
    url: { type: 'string', pattern: '^https?://[^/?#@]+/?$', description: 'Such as `http://proxy.example:3128`.' },
    username: { type: 'string', minLength: 1, description: 'For basic authentication at the proxy.' },
    password: { type: 'string', description: 'Its password.' },
  },
} as const

export type ProxyConfig = Config<typeof proxySchema>

/** Headers that a proxy wants to see. */
export function proxyHeaders({ username, password }: ProxyConfig): Record<string, string> {
  return username === undefined ? {} : { 'proxy-authorization': `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}` }
}

/** A connection to a server, made by the proxy. */
export function tunnel(proxy: ProxyConfig, host: string, port: number, timeout: number): Promise<Socket> {
  const { protocol, hostname, port: proxyPort } = new URL(proxy.url)
  const secure = protocol === 'https:'
  const path = `${host.includes(':') ? `[${host}]` : host}:${port}`
  const asked = (secure ? httpsRequest : httpRequest)({
    host: hostname.replace(/^\[|\]$/g, ''),
    port: Number(proxyPort || (secure ? 443 : 80)),
    method: 'CONNECT',
    path,
    headers: { host: path, ...proxyHeaders(proxy) },
    timeout,
    agent: false,
  })
  return new Promise((resolve, reject) => {
    const refuse = (why: string) => {
      asked.destroy()
      reject(new Error(`the proxy ${proxy.url} ${why}`))
    }
    asked.once('connect', ({ statusCode }, socket: Socket) => {
      socket.setTimeout(0)
      if (statusCode === 200) return resolve(socket)
      socket.destroy()
      refuse(`answers ${statusCode}`)
    })
    // A proxy that knows no CONNECT answers as to any request.
    asked.once('response', ({ statusCode }) => refuse(`answers ${statusCode}`))
    asked.once('timeout', () => refuse(`does not answer within ${timeout} ms`))
    asked.once('error', ({ message, code }: NodeJS.ErrnoException) => refuse(`cannot be reached: ${message || code}`))
    asked.end()
  })
}
