/** The checkpoint beside a map: moves, flushes, faults, kills and power cuts. What a flush said is written is there afterwards, or something newer. */
import { Checkpoint } from '../../core/checkpoint/store.ts'
import { ManualClock } from '../kit/clock.ts'
import { Random } from '../kit/random.ts'
import { FakeFiles } from './fake-files.ts'

const STREAMS = ['a', 'b', 'c']

/** @throws Error that names the seed */
export async function runCheckpointModel(seed: number, steps: number): Promise<{ flushes: number; crashes: number }> {
  const random = new Random(seed)
  const disk = new FakeFiles(random)
  const clock = new ManualClock()
  const log = { error: () => {}, warn: () => {}, info: () => {}, debug: () => {} }
  let faulty = false
  disk.fault = () => (faulty && random.chance(0.2) ? random.pick(['ENOSPC', 'EIO', 'EROFS']) : undefined)
  const idle = () => new Promise<void>((resolve) => setImmediate(resolve))
  const open = async () => {
    const was = faulty
    faulty = false
    const opened = await Checkpoint.open({ data_dir: '/data', clock, log, files: disk.session() })
    faulty = was
    return opened
  }
  let checkpoint = await open()
  let fresh = false
  /** How far each stream was moved, and how far it is safe. */
  const moved = new Map<string, number>()
  const safe = new Map<string, number>()
  const counts = { flushes: 0, crashes: 0 }
  for (let step = 0; step < steps; step++) {
    const dice = random.next()
    if (dice < 0.5) {
      const stream = random.pick(STREAMS)
      const at = (moved.get(stream) ?? 0) + 1 + random.below(5)
      moved.set(stream, at)
      fresh = true
      checkpoint.move('in', stream, { position: { at }, skip: 0 })
    } else if (dice < 0.7) clock.advance(random.pick([1, 400, 1500]))
    else if (dice < 0.85) {
      const promised = new Map(moved)
      const done = checkpoint.flush().then(
        () => true,
        () => false,
      )
      await idle()
      // Without a move there is nothing to write; what a killed process left in the system's memory may be read and still be lost.
      if ((await done) && fresh) {
        counts.flushes++
        for (const [stream, at] of promised) safe.set(stream, at)
      }
    } else if (dice < 0.92) faulty = !faulty && random.chance(0.5)
    else {
      counts.crashes++
      if (random.chance(0.5)) disk.crash()
      else disk.kill()
      checkpoint = await open()
      fresh = false
      for (const stream of STREAMS) {
        const at = Number(checkpoint.get('in', stream)?.position?.at ?? 0)
        const [least, most] = [safe.get(stream) ?? 0, moved.get(stream) ?? 0]
        if (at < least || at > most) throw new Error(`seed ${seed}, step ${step}: stream ${stream} is at ${at}, not between ${least} and ${most}`)
        moved.set(stream, at)
        safe.set(stream, least)
      }
    }
    await idle()
  }
  return counts
}
