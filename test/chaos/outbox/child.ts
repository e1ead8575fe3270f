/** A Wherry of its own process: what to run comes as JSON; `die_after` ends it with SIGKILL after so many changes to the file system. */
import type { ShipperConfig } from '../../../core/config/types.ts'
import { imbalances, type RouteBalance } from '../../../core/delivery/books.ts'
import { type Files, systemFiles } from '../../../core/files/files.ts'
import { Shipper } from '../../../core/shipper.ts'

export interface ChildWork {
  readonly config: ShipperConfig
  readonly die_after?: number
  /** Tell the balance every so often. */
  readonly tell_ms?: number
}

/** What a child tells, a line each. */
export interface Told {
  readonly delivered: number
  readonly waiting: number
  readonly rss_mb: number
  readonly written: number
  readonly changes: number
  readonly wrong: readonly string[]
}

if (process.argv[2] !== undefined) await main(JSON.parse(process.argv[2]) as ChildWork)

async function main({ config, die_after, tell_ms }: ChildWork): Promise<void> {
  let changes = 0
  const change = () => {
    if (++changes === die_after) process.kill(process.pid, 'SIGKILL')
  }
  const log = { error: say, warn: say, info: () => undefined, debug: () => undefined }
  const shipper = new Shipper({ config, log, once: true, files: dying(systemFiles, change) })
  const tell = () => {
    const balance = shipper.balance()
    if (!balance) return
    const { routes } = balance
    const sum = (of: (route: RouteBalance) => number) => routes.reduce((total, route) => total + of(route), 0)
    const told: Told = {
      delivered: sum(({ delivered, duplicate }) => delivered + duplicate),
      waiting: sum(({ held, queued, in_flight }) => held + queued + in_flight),
      rss_mb: process.memoryUsage.rss() / 1e6,
      written: balance.queues.reduce((total, { written_bytes }) => total + written_bytes, 0),
      changes,
      wrong: imbalances(balance),
    }
    process.stdout.write(`${JSON.stringify(told)}\n`)
  }
  const timer = tell_ms === undefined ? undefined : setInterval(tell, tell_ms)
  const stop = new AbortController()
  process.on('SIGTERM', () => stop.abort())
  await shipper.run(stop.signal)
  clearInterval(timer)
  tell()
}

function say(words: string): void {
  process.stderr.write(`${words}\n`)
}

/** The same files, with every change told after it was made. */
function dying(files: Files, change: () => void): Files {
  const after =
    <A extends unknown[], R>(call: (...args: A) => Promise<R>) =>
    async (...args: A) => {
      const done = await call(...args)
      change()
      return done
    }
  return {
    ...files,
    create: async (path) => {
      const file = await files.create(path)
      change()
      return { ...file, append: after(file.append), sync: after(file.sync) }
    },
    truncate: after(files.truncate),
    append: after(files.append),
    rename: after(files.rename),
    unlink: after(files.unlink),
    syncFolder: after(files.syncFolder),
  }
}
