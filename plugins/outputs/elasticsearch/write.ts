/** Sends `_bulk` bodies to the servers of one cluster. */
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import { Pool } from 'undici'
import { Hosts } from '../../../core/net/hosts.ts'
import type { Clock, Log, Output } from '../../../core/plugin.ts'
import { type Answer, BusyError, judge, MediaError, requestFate } from './answer.ts'
import { Concurrency } from './concurrency.ts'

export interface BulkOptions {
  readonly hosts: readonly string[]
  /** Value of the `Authorization` header. */
  readonly authorization?: string
  /** 0 sends bodies as they are. */
  readonly gzip_level: number
  readonly connections: number
  readonly timeout_ms: number
  readonly clock: Clock
  readonly random: () => number
  readonly log: Log
}

interface Host {
  /** For messages: without a path, and the schema allows no credentials. */
  readonly origin: string
  readonly path: string
  readonly pool: Pool
}

const PATH = '/_bulk?filter_path=errors,items.*.status,items.*.error,items.*.failure_store'
/** An answer repeats parts of refused documents; a longer one is none of a bulk. */
const MOST_ANSWER = 256 * 1024 * 1024

const compress = promisify(gzip)

export function bulkOutput(options: BulkOptions): Output {
  const { authorization, gzip_level, connections, timeout_ms, clock, random, log } = options
  const all = options.hosts.map((url): Host => {
    const { origin, pathname } = new URL(url)
    const limits = { headersTimeout: timeout_ms, bodyTimeout: timeout_ms, connect: { timeout: Math.min(timeout_ms, 10_000) } }
    return {
      origin,
      path: `${pathname.replace(/\/+$/, '')}${PATH}`,
      pool: new Pool(origin, { connections, maxResponseSize: MOST_ANSWER, ...limits }),
    }
  })
  const hosts = new Hosts(all, { clock, random })
  const concurrency = new Concurrency(connections, clock)
  let type = 'application/x-ndjson'
  let toldAside = false

  const post = async ({ pool, path }: Host, body: Buffer, signal: AbortSignal): Promise<Answer> => {
    const headers = {
      'content-type': type,
      ...(gzip_level > 0 ? { 'content-encoding': 'gzip' } : {}),
      ...(authorization === undefined ? {} : { authorization }),
    }
    const { statusCode, headers: said, body: answer } = await pool.request({ method: 'POST', path, headers, body, signal })
    return { status: statusCode, retryAfter: String(said['retry-after'] ?? ''), body: await answer.text() }
  }

  /** Asks one host after the other until one answers. Safe since no document is made twice, whatever became of the first request. */
  const ask = async (body: Buffer, signal: AbortSignal): Promise<Answer> => {
    const problems: string[] = []
    for (const host of hosts.order()) {
      try {
        const answer = await post(host, body, signal)
        if (requestFate(answer.status) === 'again') hosts.failed(host)
        else hosts.succeeded(host)
        return answer
      } catch (error) {
        signal.throwIfAborted()
        hosts.failed(host)
        problems.push(`${host.origin} cannot be reached: ${whyNot(error as NodeJS.ErrnoException)}`)
      }
    }
    throw new Error(problems.join('; '))
  }

  return {
    async write({ body, count }, { signal }) {
      const work = async () => {
        // A copy either way: a server may answer before it has read all, and the socket still holds the rest.
        const sent = gzip_level > 0 ? await compress(body, { level: gzip_level }) : Buffer.from(body)
        return judge(await ask(sent, signal), count)
      }
      try {
        const { duplicates, aside } = await concurrency.run(signal, work, (error) => (error instanceof BusyError ? 'busy' : 'failed'))
        if (aside > 0 && !toldAside) log.warn('the server puts documents aside, into the failure store of the data stream')
        toldAside ||= aside > 0
        return { duplicates }
      } catch (error) {
        if (error instanceof MediaError) type = 'application/json'
        throw error
      }
    },
    async close() {
      await Promise.all(all.map(({ pool }) => pool.destroy()))
    },
  }
}

function whyNot({ message, code }: NodeJS.ErrnoException): string {
  return message || String(code)
}
