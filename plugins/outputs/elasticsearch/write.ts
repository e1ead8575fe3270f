/** Sends `_bulk` bodies to the servers of one cluster. */
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import { Hosts } from '../../../core/net/hosts.ts'
import type { Clock, Log, Output } from '../../../core/plugin.ts'
import { type Answer, BusyError, judge, MediaError, requestFate } from './answer.ts'
import { Concurrency } from './concurrency.ts'
import { type ConnectionOptions, connectHosts, type Host } from './connection.ts'

export interface BulkOptions extends ConnectionOptions {
  /** 0 sends bodies as they are. */
  readonly gzip_level: number
  readonly clock: Clock
  readonly random: () => number
  readonly log: Log
}

const PATH = '/_bulk?filter_path=errors,items.*.status,items.*.error,items.*.failure_store'

const compress = promisify(gzip)

export function bulkOutput(options: BulkOptions): Output {
  const { authorization, gzip_level, connections, clock, random, log } = options
  const all = connectHosts(options)
  const hosts = new Hosts(all, { clock, random })
  const concurrency = new Concurrency(connections, clock)
  let type = 'application/x-ndjson'
  let toldAside = false

  const post = async ({ pool, prefix }: Host, body: Buffer, signal: AbortSignal): Promise<Answer> => {
    const headers = {
      'content-type': type,
      ...(gzip_level > 0 ? { 'content-encoding': 'gzip' } : {}),
      ...(authorization === undefined ? {} : { authorization }),
    }
    const { statusCode, headers: said, body: answer } = await pool.request({ method: 'POST', path: `${prefix}${PATH}`, headers, body, signal })
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
    async open(signal) {
      const headers = authorization === undefined ? {} : { authorization }
      const problems: string[] = []
      for (const { origin, prefix, pool } of all) {
        try {
          const { statusCode, body } = await pool.request({ method: 'GET', path: `${prefix}/`, headers, signal })
          await body.dump()
          // Who may only write documents is refused to know the version, which is no harm.
          if (statusCode !== 401 && statusCode < 500) return
          problems.push(`${origin} answers ${statusCode}`)
        } catch (error) {
          signal.throwIfAborted()
          problems.push(`${origin} cannot be reached: ${whyNot(error as NodeJS.ErrnoException)}`)
        }
      }
      throw new Error(problems.join('; '))
    },
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
