/** Runs a program and measures it as a whole: wall time, CPU time of it and its threads, and peak memory. Linux: it reads /proc. */
import { spawn } from 'node:child_process'
import { closeSync, openSync, readFileSync } from 'node:fs'

export interface Measured {
  /** Seconds from start to exit. */
  readonly wall_s: number
  /** Seconds of user and system time, as far as seen before the exit. */
  readonly cpu_s: number
  /** Peak resident memory in MB. */
  readonly rss_mb: number
}

/** How often memory and CPU time are looked at. */
const LOOK_MS = 20
/** Clock ticks per second in /proc (USER_HZ). */
const TICKS = 100

/** @throws Error with the end of stderr when the program fails */
export async function measure(command: readonly string[]): Promise<Measured> {
  const sink = openSync('/dev/null', 'w')
  const start = process.hrtime.bigint()
  const child = spawn(command[0], command.slice(1), { stdio: ['ignore', sink, 'pipe'] })
  let errors = ''
  child.stderr!.on('data', (data) => (errors = (errors + data).slice(-2000)))
  let cpu_s = 0
  let rss_mb = 0
  const look = () => {
    try {
      const stat = readFileSync(`/proc/${child.pid}/stat`, 'utf8')
      const [utime, stime] = stat
        .slice(stat.lastIndexOf(')') + 2)
        .split(' ')
        .slice(11, 13)
      cpu_s = (Number(utime) + Number(stime)) / TICKS
      rss_mb = Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${child.pid}/status`, 'utf8'))?.[1] ?? 0) / 1024 || rss_mb
    } catch {
      // It has just ended.
    }
  }
  const timer = setInterval(look, LOOK_MS)
  try {
    const code = await new Promise<number | null>((resolve, reject) => child.on('error', reject).on('exit', resolve))
    const wall_s = Number(process.hrtime.bigint() - start) / 1e9
    if (code !== 0) throw new Error(`${command.join(' ')} ended with ${code}: ${errors}`)
    return { wall_s, cpu_s, rss_mb }
  } finally {
    clearInterval(timer)
    closeSync(sink)
  }
}

/** Median, smallest and largest. */
export function spread(values: readonly number[]): { median: number; min: number; max: number } {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = sorted.length >>> 1
  const median = sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
  return { median, min: sorted[0], max: sorted[sorted.length - 1] }
}
