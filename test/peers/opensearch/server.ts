/** OpenSearch on 127.0.0.1, from its published jars; wants Java 17 and Maven, which builds it once. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { packageRoot } from '../../../core/config/root.ts'

const SOURCE = new URL('test/peers/opensearch/', packageRoot()).pathname
const COPY = 'org.apache.maven.plugins:maven-dependency-plugin:3.6.1:copy-dependencies'
const START_MS = 90_000

export class OpenSearch {
  readonly #folder: string
  readonly #settings: readonly string[]
  readonly #port: number
  #child: ChildProcess | undefined

  /** @param folder for its data, which outlives a kill */
  constructor(folder: string, port: number, settings: readonly string[] = []) {
    this.#folder = folder
    this.#port = port
    this.#settings = settings
    for (const name of ['config', 'modules', 'plugins']) mkdirSync(join(folder, name), { recursive: true })
    if (existsSync(join(SOURCE, 'target/lib')) && existsSync(join(SOURCE, 'target/classes/wherry/Server.class'))) return
    const { status, stdout } = spawnSync('mvn', ['-q', '-B', 'compile', COPY, '-DoutputDirectory=target/lib'], { cwd: SOURCE, encoding: 'utf8' })
    if (status !== 0) throw new Error(`mvn: ${stdout}`)
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}`
  }

  async start(): Promise<void> {
    const args = ['-Xms512m', '-Xmx512m', '-cp', 'target/classes:target/lib/*', 'wherry.Server', this.#folder, String(this.#port), ...this.#settings]
    const child = spawn('java', args, { cwd: SOURCE, stdio: ['ignore', 'pipe', 'ignore'] })
    this.#child = child
    const signal = AbortSignal.timeout(START_MS)
    const ended = once(child, 'exit', { signal }).then(() => Promise.reject(new Error('OpenSearch ended by itself')))
    ended.catch(() => undefined)
    const started = (async () => {
      for await (const text of child.stdout) if (String(text).includes('started')) break
      child.stdout.resume()
    })()
    await Promise.race([started, ended])
  }

  /** SIGKILL, in the midst of whatever it does. */
  async kill(): Promise<void> {
    const child = this.#child
    if (!child || child.exitCode !== null || child.signalCode !== null) return
    const exit = once(child, 'exit')
    child.kill('SIGKILL')
    await exit
  }

  async ask<T>(path: string, init: { method?: string; body?: object } = {}): Promise<T> {
    const body = init.body && JSON.stringify(init.body)
    const answer = await fetch(`${this.url}${path}`, { method: init.method ?? 'GET', body, headers: { 'content-type': 'application/json' } })
    return (await answer.json()) as T
  }
}
