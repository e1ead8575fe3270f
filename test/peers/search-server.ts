/** OpenSearch or Elasticsearch on 127.0.0.1, from their published jars; wants Java 17 and Maven, which builds each once. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { copyFileSync, existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { packageRoot } from '../../core/config/root.ts'

/** What can be started: a folder beside this file, and versions that are not those of its pom. */
const KINDS = {
  opensearch: { folder: 'opensearch', version: '2.15.0', log4j: '2.21.0' },
  'opensearch-1': { folder: 'opensearch', version: '1.3.20', log4j: '2.17.1' },
  'elasticsearch-7': { folder: 'elasticsearch7', version: '7.17.28', log4j: '2.17.1' },
  'elasticsearch-8': { folder: 'elasticsearch8', version: '8.17.0', log4j: '2.19.0' },
} as const

export type Kind = keyof typeof KINDS
export const KIND_NAMES = Object.keys(KINDS) as Kind[]

const COPY = 'org.apache.maven.plugins:maven-dependency-plugin:3.6.1:copy-dependencies'
const START_MS = 300_000
/** Jars that Elasticsearch 8 wants in a folder of modules. */
const NETTY = /^(netty-|transport-netty4)/

export class SearchServer {
  readonly kind: Kind
  readonly #folder: string
  readonly #settings: readonly string[]
  #port: number
  #child: ChildProcess | undefined

  /**
   * @param folder for its data, which outlives a kill
   * @param settings such as `name=value`
   */
  constructor(kind: Kind, folder: string, settings: readonly string[] = []) {
    this.kind = kind
    this.#folder = folder
    this.#port = 0
    this.#settings = settings
    for (const name of ['config', 'modules', 'plugins']) mkdirSync(join(folder, name), { recursive: true })
    if (!existsSync(this.#target('classes/wherry/Server.class')) || !existsSync(this.#target('lib'))) this.#build()
    if (kind === 'elasticsearch-8') this.#module()
  }

  /** Known once it has started; a restart keeps it. */
  get url(): string {
    return `http://127.0.0.1:${this.#port}`
  }

  async start(): Promise<void> {
    this.#port ||= await freePort()
    const lib = this.#target('lib')
    const jars = this.kind === 'elasticsearch-8' ? readdirSync(lib).filter((name) => !NETTY.test(name)) : []
    const path =
      jars.length > 0
        ? ['--module-path', jars.map((name) => join(lib, name)).join(':'), '--add-modules', 'ALL-MODULE-PATH', '-cp', this.#target('classes')]
        : ['-cp', `${this.#target('classes')}:${lib}/*`]
    const args = ['-Xms512m', '-Xmx512m', ...path, 'wherry.Server', this.#folder, String(this.#port), ...this.#settings]
    const { JAVA_HOME } = process.env
    const child = spawn(JAVA_HOME ? join(JAVA_HOME, 'bin/java') : 'java', args, { cwd: this.#folder, stdio: ['ignore', 'pipe', 'ignore'] })
    this.#child = child
    const signal = AbortSignal.timeout(START_MS)
    const ended = once(child, 'exit', { signal }).then(() => Promise.reject(new Error(`${this.kind} ended by itself`)))
    ended.catch(() => undefined)
    const started = (async () => {
      for await (const text of child.stdout) if (String(text).includes('started')) break
      child.stdout.resume()
    })()
    await Promise.race([started, ended])
  }

  /** SIGKILL, in the midst of whatever it does; or SIGTERM, and it ends what it does. */
  async kill(signal: 'SIGKILL' | 'SIGTERM' = 'SIGKILL'): Promise<void> {
    const child = this.#child
    if (!child || child.exitCode !== null || child.signalCode !== null) return
    const exit = once(child, 'exit')
    child.kill(signal)
    await exit
  }

  async ask<T>(path: string, init: { method?: string; body?: object } = {}): Promise<T> {
    const body = init.body && JSON.stringify(init.body)
    const answer = await fetch(`${this.url}${path}`, { method: init.method ?? 'GET', body, headers: { 'content-type': 'application/json' } })
    return (await answer.json()) as T
  }

  #target(path: string): string {
    return join(source(this.kind), 'target', KINDS[this.kind].version, path)
  }

  #build(): void {
    const { version, log4j } = KINDS[this.kind]
    const versions = [`-Dserver.version=${version}`, `-Dlog4j.version=${log4j}`]
    const args = ['-q', '-B', ...versions, 'compile', COPY, `-DoutputDirectory=${this.#target('lib')}`]
    const { status, stdout } = spawnSync('mvn', args, { cwd: source(this.kind), encoding: 'utf8' })
    if (status !== 0) throw new Error(`mvn: ${stdout}`)
  }

  /** The transport as a distribution has it. */
  #module(): void {
    const { version } = KINDS[this.kind]
    const folder = join(this.#folder, 'modules', 'transport-netty4')
    mkdirSync(folder, { recursive: true })
    for (const name of readdirSync(this.#target('lib'))) if (NETTY.test(name)) copyFileSync(join(this.#target('lib'), name), join(folder, name))
    const descriptor = {
      name: 'transport-netty4',
      description: 'HTTP and transport',
      classname: 'org.elasticsearch.transport.netty4.Netty4Plugin',
      version,
      'elasticsearch.version': version,
      'java.version': '17',
    }
    const lines = Object.entries(descriptor).map(([name, value]) => `${name}=${value}\n`)
    writeFileSync(join(folder, 'plugin-descriptor.properties'), lines.join(''))
  }
}

function source(kind: Kind): string {
  return new URL(`test/peers/${KINDS[kind].folder}`, packageRoot()).pathname
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  server.close()
  await once(server, 'close')
  return port
}
