/** A receiver for tests, on the server of the `thrift` package and code generated from the IDL: bundles are decoded by another implementation. */
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { AddressInfo, Server } from 'node:net'
import { fileURLToPath } from 'node:url'
import { packageRoot } from '../../../../core/config/root.ts'
import * as types from './generated/databridge_types.cjs'
import plain from './generated/ThriftEventTransmissionService.cjs'
import secure from './generated/ThriftSecureEventTransmissionService.cjs'

const load = createRequire(import.meta.url)
const root = (path: string) => fileURLToPath(new URL(path, packageRoot()))

export interface Bundle {
  sessionId: string
  eventNum: number
  intAttributeList: number[] | null
  longAttributeList: unknown[] | null
  doubleAttributeList: number[] | null
  boolAttributeList: boolean[] | null
  stringAttributeList: string[] | null
  arbitraryDataMapMap: Record<string, Record<string, string>> | null
}

type Constructor<T, A> = new (args: A) => T

export const generated = types as unknown as {
  ThriftEventBundle: Constructor<Bundle, object>
} & Readonly<Record<string, Constructor<Error, { message: string }>>>

interface ThriftPackage {
  createServer(service: object, handler: object, options?: object): Server
  TBufferedTransport: new (buffer: undefined, flushed: (bytes: Buffer) => void) => { flush(): void }
  TBinaryProtocol: new (transport: object) => object
}
const thrift = load('thrift') as ThriftPackage

/** The call of `publish` as the `thrift` package encodes it. */
export function publishByThrift(bundle: object): Buffer {
  let bytes: Buffer = Buffer.alloc(0)
  const transport = new thrift.TBufferedTransport(undefined, (flushed) => (bytes = Buffer.concat([bytes, flushed])))
  const { Client } = plain as unknown as { Client: new (transport: object, protocol: object) => { publish(bundle: object): Promise<void> } }
  new Client(transport, thrift.TBinaryProtocol).publish(new generated.ThriftEventBundle(bundle)).catch(() => undefined)
  return bytes
}

export interface Decoded {
  readonly stream: string
  readonly time: number
  readonly values: Readonly<Record<string, unknown>>
  readonly arbitrary: Readonly<Record<string, string>> | undefined
}

interface Definition {
  readonly name: string
  readonly version: string
  readonly metaData?: readonly { name: string; type: string }[]
  readonly correlationData?: readonly { name: string; type: string }[]
  readonly payloadData?: readonly { name: string; type: string }[]
}

/** Events of a bundle by the receiver's rule: one cursor for each list. Throws where the real one drops the bundle. */
export function unpack(bundle: Bundle, definitions: ReadonlyMap<string, Definition>): Decoded[] {
  const cursors = new Map<string, number>()
  const next = (list: 'int' | 'long' | 'double' | 'bool' | 'string'): unknown => {
    const values = bundle[`${list}AttributeList`] ?? []
    const at = cursors.get(list) ?? 0
    if (at >= values.length) throw new Error(`the ${list} list is short`)
    cursors.set(list, at + 1)
    return values[at]
  }
  return Array.from({ length: bundle.eventNum }, (_, i) => {
    const stream = String(next('string'))
    const time = Number(next('long'))
    const definition = definitions.get(stream)
    if (!definition) throw new Error(`no stream ${stream}`)
    const values: Record<string, unknown> = {}
    for (const section of [definition.metaData, definition.correlationData, definition.payloadData])
      for (const { name, type } of section ?? []) {
        if (type === 'INT') values[name] = next('int')
        else if (type === 'LONG') values[name] = Number(next('long'))
        else if (type === 'BOOL') values[name] = next('bool')
        else if (type === 'STRING') {
          const text = next('string')
          values[name] = text === '_null' ? null : text
        } else values[name] = next('double')
      }
    return { stream, time, values, arbitrary: bundle.arbitraryDataMapMap?.[i] }
  })
}

export class TestReceiver {
  readonly events: Decoded[] = []
  readonly definitions = new Map<string, Definition>()
  readonly sessions = new Set<string>()
  /** Methods in the order they were called. */
  readonly calls: string[] = []
  /** What a method answers with, once. */
  readonly answers = new Map<string, Error>()
  readonly #servers: Server[] = []
  #logins = 0

  async listen(): Promise<this> {
    const tls = { cert: readFileSync(root('test/tls/server.pem')), key: readFileSync(root('test/tls/server.key')) }
    this.#servers.push(thrift.createServer(plain, this.#handler()), thrift.createServer(secure, this.#handler(), { tls }))
    for (const server of this.#servers) {
      server.listen(0, '127.0.0.1')
      await once(server, 'listening')
    }
    return this
  }

  get urls(): { receivers: string; auth: string } {
    const [plain, secure] = this.#servers.map((server) => (server.address() as AddressInfo).port)
    return { receivers: `tcp://127.0.0.1:${plain}`, auth: `ssl://127.0.0.1:${secure}` }
  }

  /** Config of an output to it, streams left out. */
  get config() {
    return { ...this.urls, username: 'admin', password: 'admin', tls: { ca_file: root('test/tls/ca.pem') } }
  }

  async close(): Promise<void> {
    await Promise.all(this.#servers.map((server) => new Promise((resolve) => server.close(resolve))))
  }

  #alive(session: string): void {
    if (!this.sessions.has(session)) throw new generated.ThriftSessionExpiredException({ message: `${session} expired` })
  }

  #begin(method: string): void {
    this.calls.push(method)
    const answer = this.answers.get(method)
    this.answers.delete(method)
    if (answer) throw answer
  }

  #handler(): object {
    return {
      connect: async (user: string, password: string) => {
        this.#begin('connect')
        if (user !== 'admin' || password !== 'admin') throw new generated.ThriftAuthenticationException({ message: 'wrong userName or password' })
        const session = `session-${++this.#logins}`
        this.sessions.add(session)
        return session
      },
      disconnect: async (session: string) => {
        this.#begin('disconnect')
        this.sessions.delete(session)
      },
      findStreamId: async (session: string, name: string, version: string) => {
        this.#begin('findStreamId')
        this.#alive(session)
        const id = `${name}:${version}`
        if (!this.definitions.has(id))
          throw new generated.ThriftNoStreamDefinitionExistException({ message: `Stream definition not exist for ${name} ${version}` })
        return id
      },
      defineStream: async (session: string, text: string) => {
        this.#begin('defineStream')
        this.#alive(session)
        const definition = JSON.parse(text) as Definition
        const id = `${definition.name}:${definition.version}`
        const known = this.definitions.get(id)
        if (known && JSON.stringify(known) !== JSON.stringify(definition))
          throw new generated.ThriftDifferentStreamDefinitionAlreadyDefinedException({
            message: `Similar event stream for ${text} with the same name and version already exist: ${JSON.stringify(known)}`,
          })
        this.definitions.set(id, definition)
        return id
      },
      publish: async (bundle: Bundle) => {
        this.#begin('publish')
        this.#alive(bundle.sessionId)
        this.events.push(...unpack(bundle, this.definitions))
      },
    }
  }
}
