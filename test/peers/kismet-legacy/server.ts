/**
 * A scripted legacy Kismet (2016-07-R1) as it behaves towards clients: greeting, capabilities, the snapshot before the ACK, pushes of what changed with
 * counts since the last push, the limit of clients, its errors, its end. What is in it is told by the test.
 */
import { createServer, type Server, type Socket } from 'node:net'
import { SENTENCES } from '../../../plugins/inputs/kismet/legacy/sentences.ts'
import { render } from './render.ts'

/** Values by field; what is left out says "no data" as the server says it. */
export type Row = Readonly<Record<string, string | number>>

interface Kept {
  row: Record<string, string | number>
  dirty: boolean
}

interface Client {
  readonly socket: Socket
  readonly enabled: Map<string, readonly string[]>
  rest: string
  /** What the next turn writes. */
  ring: string
  /** Lines that the ring has no room for, and how many. */
  readonly waiting: { readonly text: string; readonly lines: number }[]
  waitingLines: number
  turn: boolean
  blocked: boolean
}

const MANDATORY = ['KISMET', 'ERROR', 'ACK', 'PROTOCOLS', 'CAPABILITY', 'TERMINATE', 'TIME']
/** In the greeting, but never sent. */
const SILENT = ['PACKET', 'COMMON', 'TRACKINFO', 'REMOVE']
/** Pushed at ENABLE. */
const SNAPSHOT = new Set(['BSSID', 'SSID', 'CLIENT', 'NETTAG', 'CLITAG', 'ALERT', 'SOURCE', 'PLUGIN', 'WEPKEY', 'CRITFAIL'])
/** Bytes of a client's ring, and lines of its backlog: whatever comes beyond both is dropped, ACK and TIME too. */
const RING_BYTES = 100_000
const MOST_WAITING = 5000
const ALERTS = 50

export interface LegacyServerOptions {
  /** Start time, seconds since 1970. */
  readonly start: number
  readonly name?: string
  readonly clients?: number
  /** The server's clock, seconds since 1970. */
  readonly now?: () => number
  /** Sentences of plugins, with their fields. */
  readonly plugins?: Readonly<Record<string, readonly string[]>>
}

export class LegacyServer {
  start: number
  /** Commands in the order they came. */
  readonly commands: string[] = []
  /** Lines that slow readers did not get. */
  dropped = 0
  readonly #options: LegacyServerOptions
  readonly #clients = new Set<Client>()
  readonly #kept = new Map<string, Map<string, Kept>>()
  #alerts: Row[] = []
  #server: Server | undefined
  #port = 0

  constructor(options: LegacyServerOptions) {
    this.#options = options
    this.start = options.start
  }

  get port(): number {
    return this.#port
  }

  get address(): string {
    return `127.0.0.1:${this.#port}`
  }

  get clients(): number {
    return this.#clients.size
  }

  /** Listens; on the same port as before when it is called again. */
  async listen(): Promise<this> {
    const server = createServer((socket) => this.#accept(socket))
    this.#server = server
    await new Promise<void>((resolve, reject) => {
      server.on('error', reject)
      server.listen(this.#port, '127.0.0.1', resolve)
    })
    this.#port = (server.address() as { port: number }).port
    return this
  }

  async close(): Promise<void> {
    for (const { socket } of this.#clients) socket.destroy()
    this.#clients.clear()
    await new Promise<void>((resolve) => (this.#server ? this.#server.close(() => resolve()) : resolve()))
  }

  /** Ends as at SIGTERM, and forgets everything. */
  async terminate(): Promise<void> {
    for (const client of this.#clients) {
      if (client.enabled.has('STATUS')) this.#write(client, '*STATUS: \x01Received SHUTDOWN command\x01 16 ')
      this.#write(client, '*TERMINATE: Kismet server terminating.')
      this.#flush(client)
      client.socket.end()
    }
    this.#kept.clear()
    this.#alerts = []
    await new Promise<void>((resolve) => setImmediate(resolve))
    await this.close()
  }

  /** Cuts all connections, each in the middle of a line. */
  cut(): void {
    for (const client of this.#clients) {
      this.#flush(client)
      client.socket.write('*CLIENT: 00:11:22')
      client.socket.destroySoon()
    }
    this.#clients.clear()
  }

  /** Changes a record, which is pushed at the next tick. Counts since the last push add up. */
  set(sentence: string, row: Row): void {
    const { key, deltas } = SENTENCES[sentence]
    const rows = this.#rows(sentence)
    const id = key.map((field) => row[field]).join(' ')
    const kept = rows.get(id) ?? { row: {}, dirty: false }
    for (const [field, value] of Object.entries(row)) kept.row[field] = deltas.includes(field) ? Number(kept.row[field] ?? 0) + Number(value) : value
    kept.dirty = true
    rows.set(id, kept)
  }

  alert(row: Row): void {
    this.#alerts = [...this.#alerts, row].slice(-ALERTS)
    this.push('ALERT', row)
  }

  /** A line of a sentence to whoever has it enabled. */
  push(sentence: string, row: Row): void {
    for (const client of this.#clients) this.#row(client, sentence, row)
  }

  /** Many lines at once, each with its line end, to whoever has the sentence enabled. */
  bulk(sentence: string, text: string, lines: number): void {
    for (const client of this.#clients) if (client.enabled.has(sentence)) this.#send(client, text, lines)
  }

  /** Bytes as they are, to all. */
  raw(text: string): void {
    for (const client of this.#clients) {
      this.#flush(client)
      client.socket.write(Buffer.from(text, 'latin1'))
    }
  }

  /** The timer of every second: TIME, and what changed. */
  tick(): void {
    for (const client of this.#clients) this.#write(client, `*TIME: ${this.#now()}`)
    for (const [sentence, rows] of this.#kept) {
      const { deltas } = SENTENCES[sentence]
      for (const kept of rows.values()) {
        if (!kept.dirty) continue
        this.push(sentence, kept.row)
        kept.dirty = false
        for (const field of deltas) if (field in kept.row) kept.row[field] = 0
      }
    }
  }

  #now(): number {
    return this.#options.now?.() ?? Math.floor(Date.now() / 1000)
  }

  #rows(sentence: string): Map<string, Kept> {
    const rows = this.#kept.get(sentence) ?? new Map<string, Kept>()
    this.#kept.set(sentence, rows)
    return rows
  }

  #fieldsOf(sentence: string): readonly string[] | undefined {
    return this.#options.plugins?.[sentence] ?? SENTENCES[sentence]?.fields
  }

  #accept(socket: Socket): void {
    socket.on('error', () => undefined)
    if (this.#clients.size >= (this.#options.clients ?? 5)) return void socket.end()
    const client: Client = { socket, enabled: new Map(), rest: '', ring: '', waiting: [], waitingLines: 0, turn: false, blocked: false }
    this.#clients.add(client)
    socket.on('close', () => this.#clients.delete(client))
    socket.on('drain', () => this.#drain(client))
    socket.on('data', (data) => {
      const lines = (client.rest + data.toString('latin1')).split('\n')
      client.rest = lines.pop() as string
      for (const line of lines) this.#command(client, line.replace(/\r$/, ''))
    })
    const names = [...MANDATORY, ...SILENT, ...Object.keys(SENTENCES).filter((name) => name !== 'SPECTRUM' && name !== 'BTSCANDEV')]
    this.#write(client, `*KISMET: 0.0.0 ${this.start} \x01${this.#options.name ?? 'Scripted'}\x01 \x01\x01 0 `)
    this.#write(client, `*PROTOCOLS: ${[...names, ...Object.keys(this.#options.plugins ?? {})].join()}`)
    this.#write(client, `*TIME: ${this.#now()}`)
  }

  #command(client: Client, line: string): void {
    const [id, command, ...rest] = line.split(' ')
    if (!/^!-?\d+$/.test(id) || command === undefined) return
    this.commands.push(line.slice(id.length + 1))
    const number = id.slice(1)
    const error = (text: string) => this.#write(client, `*ERROR: ${number} \x01${text}\x01 `)
    const [name = '', list = ''] = [(rest[0] ?? '').toUpperCase(), rest[1]]
    const fields = this.#fieldsOf(name)
    switch (command.toUpperCase()) {
      case 'CAPABILITY':
        if (rest.length !== 1) return error('Illegal capability request')
        if (!fields) return error(`Unknown protocol: '${name}'`)
        this.#write(client, `*CAPABILITY: ${name} ${fields.join()}`)
        break
      case 'ENABLE': {
        if (rest.length < 2) return error('Illegal enable request')
        if (!fields) return error(`Unknown protocol: '${name}'`)
        const asked = list.startsWith('*') ? fields : list.toLowerCase().replace(/,$/, '').split(',')
        const unknown = asked.find((field) => !fields.includes(field))
        if (unknown !== undefined) return error(`Unknown field ${unknown}`)
        client.enabled.set(name, asked)
        this.#snapshot(client, name)
        break
      }
      case 'REMOVE':
        if (!fields) return error(`Unknown protocol: '${name}'`)
        client.enabled.delete(name)
        break
      default:
        return error('NO SUCH COMMAND')
    }
    this.#write(client, `*ACK: ${number} \x01OK\x01 `)
  }

  /** What has not been pushed yet is in it, and is pushed again. */
  #snapshot(client: Client, sentence: string): void {
    if (!SNAPSHOT.has(sentence)) return
    for (const { row } of this.#kept.get(sentence)?.values() ?? []) this.#row(client, sentence, row)
    if (sentence === 'ALERT') for (const row of this.#alerts) this.#row(client, sentence, row)
  }

  #row(client: Client, sentence: string, row: Row): void {
    const fields = client.enabled.get(sentence)
    if (!fields) return
    // Printing takes long, and would be for nothing.
    if (client.waitingLines >= MOST_WAITING) this.dropped++
    else this.#write(client, render(sentence, fields, row))
  }

  #write(client: Client, line: string): void {
    this.#send(client, `${line}\n`, 1)
  }

  /** Nothing is written before the command or push under way is done. */
  #send(client: Client, text: string, lines: number): void {
    if (client.waitingLines >= MOST_WAITING) {
      this.dropped += lines
      return
    }
    if (client.waiting.length > 0 || client.ring.length + text.length > RING_BYTES) {
      client.waiting.push({ text, lines })
      client.waitingLines += lines
    } else client.ring += text
    this.#turn(client)
  }

  #turn(client: Client): void {
    if (client.turn || client.blocked) return
    client.turn = true
    setImmediate(() => {
      client.turn = false
      if (!client.socket.writable) return
      this.#writeRing(client)
      if (client.ring !== '') this.#turn(client)
    })
  }

  /** Writes the ring, and fills it again. */
  #writeRing(client: Client): void {
    client.blocked = !client.socket.write(Buffer.from(client.ring, 'latin1'))
    client.ring = ''
    let count = 0
    for (const { text, lines } of client.waiting) {
      if (client.ring !== '' && client.ring.length + text.length > RING_BYTES) break
      client.ring += text
      client.waitingLines -= lines
      count++
    }
    client.waiting.splice(0, count)
  }

  /** All that is on its way. */
  #flush(client: Client): void {
    while (client.ring !== '') this.#writeRing(client)
  }

  #drain(client: Client): void {
    client.blocked = false
    if (client.ring !== '') this.#turn(client)
  }
}
