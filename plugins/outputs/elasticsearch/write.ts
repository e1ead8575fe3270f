/** Sends `_bulk` bodies to the servers of one cluster. */
import { timePattern } from '../../../core/formats/time-pattern.ts'
import { Hosts } from '../../../core/net/hosts.ts'
import type { Clock, Fields, Log, Output } from '../../../core/plugin.ts'
import { indexesOf } from './action.ts'
import { BusyError, judge, MediaError, requestFate } from './answer.ts'
import { Compressor } from './compress.ts'
import { Concurrency } from './concurrency.ts'
import { type Answer, type ConnectionOptions, connectHosts, firstOf, jsonOf, type Request } from './connection.ts'
import { type Dialect, dialectOf } from './dialect.ts'
import { Preflight } from './preflight.ts'

export interface BulkOptions extends ConnectionOptions {
  /** 0 sends bodies as they are. */
  readonly gzip_level: number
  /** Pattern of the index's name, by the capture time of the event. */
  readonly index: string
  readonly data_stream: boolean
  readonly fields: Fields
  readonly clock: Clock
  readonly random: () => number
  readonly log: Log
}

const PATH = '/_bulk?filter_path=errors,items.*.status,items.*.error,items.*.failure_store'

export function bulkOutput(options: BulkOptions): Output {
  const { gzip_level, connections, clock, random, log } = options
  const all = connectHosts(options)
  const hosts = new Hosts(all, { clock, random })
  const indexAt = timePattern(options.index)
  const concurrency = new Concurrency(connections, clock)
  const compressor = new Compressor(gzip_level)
  let dialect: Dialect = dialectOf(undefined)
  let type = 'application/x-ndjson'
  let aside = 0

  /** Asks one host after the other until one answers. Safe since no document is made twice, whatever became of the first request. */
  const ask = (request: Request): Promise<Answer> =>
    firstOf(hosts.order(), async (host) => {
      try {
        const answer = await host.ask(request)
        if (requestFate(answer.status) === 'again') hosts.failed(host)
        else hosts.succeeded(host)
        return answer
      } catch (error) {
        request.signal.throwIfAborted()
        hosts.failed(host)
        throw error
      }
    })
  const preflight = new Preflight({ ...options, ask, dialect: () => dialect })

  const send = async (body: Uint8Array, signal: AbortSignal): Promise<Answer> => {
    if (gzip_level === 0) return ask({ method: 'POST', path: PATH, headers: { 'content-type': type }, body, signal })
    const headers = { 'content-type': type, 'content-encoding': 'gzip' }
    return ask({ method: 'POST', path: PATH, headers, body: await compressor.compress(body), signal })
  }

  const putAside = (documents: number) => {
    if (aside === 0) log.warn('the server puts documents aside, into the failure store of the data stream')
    aside += documents
  }

  return {
    async open(signal) {
      dialect = await firstOf(all, async ({ ask, origin }) => {
        const { status, body } = await ask({ method: 'GET', path: '/', signal })
        // Who may only write documents is refused to know the version, which is no harm.
        if (status === 401 || status >= 500) throw new Error(`${origin} answers ${status}`)
        return dialectOf(jsonOf(body))
      })
      // What is written now; captures of other days are looked at when their turn comes.
      await preflight.check([indexAt(clock.now() / 1000)], signal)
    },
    async write(payload, { signal }) {
      const work = async () => {
        await preflight.check(payload.key === undefined ? indexesOf(payload) : [payload.key], signal)
        return judge(await send(payload.body, signal), { count: payload.count, now: clock.now(), putAside })
      }
      try {
        return await concurrency.run(signal, work, (error) => (error instanceof BusyError ? 'busy' : 'failed'))
      } catch (error) {
        if (error instanceof MediaError) type = 'application/json'
        throw error
      }
    },
    async close() {
      if (aside > 0) log.warn(`${aside} documents were put aside by the server, into the failure store of the data stream`)
      compressor.close()
      await Promise.all(all.map((host) => host.close()))
    },
  }
}
