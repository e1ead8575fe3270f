/**
 * A scripted modern Kismet (2025-09-R1) as it behaves towards clients: logins, `fields` with all their oddities, `last-time` by the packets' own times, the
 * event bus, the device monitor, the endless capture stream. What is in it is told by the test.
 */
import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from 'node:http'
import { createServer as createSecureServer } from 'node:https'
import type { Socket } from 'node:net'
import { type WebSocket, WebSocketServer } from 'ws'
import { choose, type Json } from './choose.ts'

export interface ModernServerOptions {
  /** Start time, seconds since 1970. */
  readonly start: number
  readonly token?: string
  readonly login?: { readonly user: string; readonly password: string }
  readonly uri_prefix?: string
  /** PEM of its certificate and key: it speaks TLS, as behind a proxy. */
  readonly tls?: { readonly cert: string; readonly key: string }
  /** The server's clock, seconds since 1970 with a fraction. */
  readonly now?: () => number
  /** Older releases have none, or only the bus; some proxies refuse them. */
  readonly sockets?: 'all' | 'bus' | 'none' | 'refused'
  /** First parts of paths that this release does not have. */
  readonly without?: readonly string[]
  /** Options are not understood: whole records come. */
  readonly deaf?: boolean
}

/** How many alerts and messages are kept. */
const KEPT = 50
const UNAUTHORISED = '<html><head><title>401 Permission denied</title></head></html>\n'

interface Monitor {
  readonly socket: WebSocket
  fields: readonly Json[] | undefined
  since: number
}

export class ModernServer {
  start: number
  readonly options: ModernServerOptions
  /** Paths in the order they were asked for. */
  readonly requests: string[] = []
  readonly devices = new Map<string, Record<string, Json>>()
  alerts: Record<string, Json>[] = []
  messages: Record<string, Json>[] = []
  sources: Record<string, Json>[] = []
  /** Sessions that were begun with a password. */
  readonly sessions = new Set<string>()
  readonly #modified = new Map<string, number>()
  #changes = 0
  readonly #bus = new Map<WebSocket, Map<string, readonly Json[] | undefined>>()
  readonly #monitors = new Set<Monitor>()
  readonly #streams = new Set<ServerResponse>()
  readonly #raw = new Set<Socket>()
  #logins = 0
  #begin: Uint8Array = new Uint8Array(0)
  #server: Server | undefined
  #sockets: WebSocketServer | undefined
  #port = 0

  constructor(options: ModernServerOptions) {
    this.options = options
    this.start = options.start
  }

  get port(): number {
    return this.#port
  }

  get address(): string {
    return `127.0.0.1:${this.#port}`
  }

  /** Websockets that are open. */
  get connections(): number {
    return this.#bus.size + this.#monitors.size
  }

  /** Capture streams that are open. */
  get streams(): number {
    return this.#streams.size
  }

  async listen(): Promise<this> {
    const { tls } = this.options
    const answer: RequestListener = (request, response) => this.#request(request, response)
    const server = tls ? createSecureServer(tls, answer) : createServer(answer)
    const sockets = new WebSocketServer({ noServer: true })
    this.#server = server
    this.#sockets = sockets
    server.on('connection', (socket) => {
      this.#raw.add(socket)
      socket.on('close', () => this.#raw.delete(socket))
      socket.on('error', () => undefined)
    })
    server.on('upgrade', (request, socket, head) => {
      const path = this.#path(request)
      const kind = path === '/eventbus/events.ws' ? 'bus' : /^\/devices\/(views\/[^/]+\/)?monitor\.ws$/.test(path) ? 'monitor' : undefined
      const { sockets: has = 'all' } = this.options
      const missing = kind === undefined || has === 'none' || (has === 'bus' && kind === 'monitor')
      const status = missing ? 404 : has === 'refused' ? 400 : this.#allowed(request) ? 101 : 401
      this.requests.push(path)
      if (status !== 101) return void socket.end(`HTTP/1.1 ${status} no\r\nContent-Length: 0\r\n\r\n`)
      sockets.handleUpgrade(request, socket, head, (opened) => (kind === 'bus' ? this.#openBus(opened) : this.#openMonitor(opened)))
    })
    await new Promise<void>((resolve, reject) => {
      server.on('error', reject)
      server.listen(this.#port, '127.0.0.1', resolve)
    })
    this.#port = (server.address() as { port: number }).port
    return this
  }

  async close(): Promise<void> {
    this.cut()
    this.#sockets?.close()
    await new Promise<void>((resolve) => (this.#server ? this.#server.close(() => resolve()) : resolve()))
  }

  /** Ends all connections at once, websockets in the middle of a frame. */
  cut(): void {
    for (const { socket } of this.#monitors) halfFrame(socket)
    for (const socket of this.#bus.keys()) halfFrame(socket)
    for (const socket of this.#raw) socket.destroy()
    this.#bus.clear()
    this.#monitors.clear()
    this.#streams.clear()
  }

  /** Forgets everything, as a server that was started again. */
  restart(start: number): void {
    this.cut()
    this.start = start
    this.devices.clear()
    this.#modified.clear()
    this.alerts = []
    this.messages = []
  }

  /** Changes a device. Its modification is the server's clock; `last_time` is what the packet says. */
  change(record: Readonly<Record<string, Json>>): void {
    const key = String(record['kismet.device.base.key'])
    this.devices.set(key, { ...this.devices.get(key), 'kismet.device.base.mod_time': Math.floor(this.now()), ...record })
    this.#modified.set(key, ++this.#changes)
  }

  alert(record: Record<string, Json>): void {
    this.alerts = [...this.alerts, record].slice(-KEPT)
    this.publish('ALERT', { ALERT: record })
  }

  message(text: string, time = Math.floor(this.now())): void {
    const record = {
      'kismet.messagebus.message_string': text,
      'kismet.messagebus.message_flags': 2,
      'kismet.messagebus.message_time': time,
    }
    this.messages = [...this.messages, record].slice(-KEPT)
    this.publish('MESSAGE', { MESSAGE: record })
  }

  /** An event to whoever subscribed the topic, with the fields that were asked for. */
  publish(topic: string, event: Readonly<Record<string, Record<string, Json>>>): void {
    for (const [socket, topics] of this.#bus) {
      if (!topics.has(topic) && !topics.has('*')) continue
      const fields = topics.get(topic)
      const chosen = Object.fromEntries(Object.entries(event).map(([name, record]) => [name, this.#choose(record, fields)]))
      socket.send(JSON.stringify(chosen))
    }
  }

  /** The timer of every second: TIMESTAMP, and what monitors have not seen. */
  tick(): void {
    const now = this.now()
    this.publish('TIMESTAMP', {
      TIMESTAMP: { 'kismet.system.timestamp.sec': Math.floor(now), 'kismet.system.timestamp.usec': Math.floor((now % 1) * 1e6) },
    })
    for (const monitor of this.#monitors) this.#push(monitor)
  }

  /** Bytes that stand at the beginning of each capture stream. */
  set begin(bytes: Uint8Array) {
    this.#begin = bytes
  }

  /** Bytes to all capture streams. */
  frames(bytes: Uint8Array): void {
    for (const response of this.#streams) response.write(bytes)
  }

  now(): number {
    return this.options.now?.() ?? Date.now() / 1000
  }

  #path(request: IncomingMessage): string {
    const { uri_prefix = '' } = this.options
    const [path] = (request.url ?? '').split('?')
    return path.startsWith(`${uri_prefix}/`) ? path.slice(uri_prefix.length) : '/no'
  }

  /** @param login called with the cookie of a new session, for a password */
  #allowed({ headers, url = '' }: IncomingMessage, login?: (cookie: string) => void): boolean {
    const { token, login: known } = this.options
    if (token === undefined && !known) return true
    if (token !== undefined && (headers.cookie === `KISMET=${token}` || url.includes(`KISMET=${token}`))) return true
    if (headers.cookie !== undefined && this.sessions.has(headers.cookie)) return true
    if (!known || headers.authorization !== `Basic ${Buffer.from(`${known.user}:${known.password}`).toString('base64')}`) return false
    const cookie = `KISMET=session-${++this.#logins}`
    this.sessions.add(cookie)
    login?.(cookie)
    return true
  }

  #request(request: IncomingMessage, response: ServerResponse): void {
    const path = this.#path(request)
    this.requests.push(path)
    const pieces: Buffer[] = []
    request.on('data', (piece: Buffer) => pieces.push(piece))
    request.on('end', () => {
      const allowed = this.#allowed(request, (cookie) => response.setHeader('Set-Cookie', `${cookie}; Path=/`))
      if (!allowed) return void response.writeHead(401, { 'Content-Type': 'text/html' }).end(UNAUTHORISED)
      this.#answer(path, this.#options(Buffer.concat(pieces).toString('utf8')), response)
    })
  }

  /** Broken options are as none. */
  #options(body: string): readonly Json[] | undefined {
    try {
      const { fields } = JSON.parse(new URLSearchParams(body).get('json') ?? '{}') as { fields?: Json }
      return Array.isArray(fields) && !this.options.deaf ? fields : undefined
    } catch {
      return undefined
    }
  }

  #answer(path: string, fields: readonly Json[] | undefined, response: ServerResponse): void {
    const reply = (json: unknown) => response.writeHead(200, { 'Content-Type': 'application/json' }).end(JSON.stringify(json))
    const list = (records: Iterable<Record<string, Json>>) => [...records].map((record) => this.#choose(record, fields))
    if (this.options.without?.includes(path.split('/')[1]))
      return void response.writeHead(404, { 'Content-Type': 'text/html' }).end('<html>404</html>')
    if (path === '/system/status.json') return void reply(this.#choose(this.#status(), fields))
    if (path === '/system/timestamp.json')
      return void reply({ 'kismet.system.timestamp.sec': Math.floor(this.now()), 'kismet.system.timestamp.usec': 0 })
    if (path === '/gps/location.json')
      return void reply({
        'kismet.common.location.geopoint': [-74.654321, 40.123456],
        'kismet.common.location.alt': 55,
        'kismet.common.location.fix': 3,
        'kismet.common.location.time_sec': Math.floor(this.now()),
        'kismet.common.location.time_usec': 0,
      })
    if (path === '/datasource/all_sources.json') return void reply(list(this.sources))
    if (path === '/pcap/all_packets.pcapng' || path.endsWith('/packets.pcapng')) return this.#stream(response)
    const [, what, time] = /^\/(alerts|messagebus|devices)\/last-time\/([^/]+)\/\w+\.json$/.exec(path) ?? []
    if (what === undefined) return void response.writeHead(404, { 'Content-Type': 'text/html' }).end('<html>404</html>')
    if (!/^-?\d+(\.\d+)?$/.test(time)) return void response.writeHead(500).end('ERROR: unable to parse string value\n')
    const since = Number(time) < 0 ? this.now() + Number(time) : Number(time)
    const later = (records: Iterable<Record<string, Json>>, name: string) => list([...records].filter((record) => Number(record[name]) > since))
    if (what === 'alerts') return void reply(later(this.alerts, 'kismet.alert.timestamp'))
    if (what === 'devices') return void reply(later(this.devices.values(), 'kismet.device.base.last_time'))
    reply({ 'kismet.messagebus.list': later(this.messages, 'kismet.messagebus.message_time'), 'kismet.messagebus.timestamp': Math.floor(this.now()) })
  }

  #status(): Record<string, Json> {
    return {
      'kismet.system.timestamp.sec': Math.floor(this.now()),
      'kismet.system.timestamp.start_sec': this.start,
      'kismet.system.devices.count': this.devices.size,
      'kismet.system.version': '2025.09.0-scripted',
      'kismet.system.server_name': 'Scripted',
    }
  }

  #stream(response: ServerResponse): void {
    response.writeHead(200, { 'Content-Type': 'application/vnd.tcpdump.pcap' })
    response.flushHeaders()
    if (this.#begin.length > 0) response.write(this.#begin)
    this.#streams.add(response)
    response.on('close', () => this.#streams.delete(response))
  }

  #openBus(socket: WebSocket): void {
    const topics = new Map<string, readonly Json[] | undefined>()
    this.#bus.set(socket, topics)
    socket.on('error', () => undefined)
    socket.on('close', () => this.#bus.delete(socket))
    socket.on('message', (data) => {
      const { SUBSCRIBE, UNSUBSCRIBE, fields } = parse(String(data))
      if (typeof SUBSCRIBE === 'string') topics.set(SUBSCRIBE, Array.isArray(fields) ? fields : undefined)
      if (typeof UNSUBSCRIBE === 'string') topics.delete(UNSUBSCRIBE)
    })
  }

  #openMonitor(socket: WebSocket): void {
    socket.on('error', () => undefined)
    socket.on('message', (data) => {
      const { monitor: which, fields } = parse(String(data))
      if (which !== '*') return
      const monitor: Monitor = { socket, fields: Array.isArray(fields) ? fields : undefined, since: -1 }
      this.#monitors.add(monitor)
      socket.on('close', () => this.#monitors.delete(monitor))
      this.#push(monitor)
    })
  }

  /** All devices at first, then those that changed since. */
  #push(monitor: Monitor): void {
    for (const [key, record] of this.devices) {
      if ((this.#modified.get(key) ?? 0) > monitor.since) monitor.socket.send(JSON.stringify(this.#choose(record, monitor.fields)))
    }
    monitor.since = this.#changes
  }

  #choose(record: Record<string, Json>, fields: readonly Json[] | undefined): Record<string, Json> {
    return fields && !this.options.deaf ? choose(record, fields) : record
  }
}

function parse(text: string): Record<string, Json> {
  try {
    return JSON.parse(text) as Record<string, Json>
  } catch {
    return {}
  }
}

/** The head of a text frame of 100 bytes, and a few of them. */
function halfFrame(socket: WebSocket): void {
  const { _socket: raw } = socket as unknown as { _socket?: Socket }
  raw?.write(Buffer.from([0x81, 100, 0x7b, 0x22, 0x41]))
  raw?.destroySoon()
}
