/**
 * Sends dead letters on their way again. Their files are set aside first, so that letters that fail once more can be written anew; they are
 * deleted when all of them have been dealt with. A replay that is cut short is repeated by the next one. Where a Wherry runs, that one does it (core/delivery/replayer.ts).
 */
import { unlink } from 'node:fs/promises'
import { join } from 'node:path'
import { systemClock } from '../core/clock.ts'
import { DeadLetters, type DeliveryLetter, type Letter, type RecordLetter } from '../core/delivery/dead-letters.ts'
import { letterInput } from '../core/delivery/replayer.ts'
import type { OutputPlugin } from '../core/plugin.ts'
import { pluginKey } from '../core/route/pipeline.ts'
import { Shipper } from '../core/shipper.ts'
import { LockedError, lock } from '../core/state/lock.ts'
import type { Opened } from './open-config.ts'

export interface Replayed {
  /** Letters sent on their way, and letters that had to be kept. */
  readonly sent: number
  readonly kept: number
  /** They have been handed to a Wherry that runs, which sends them. */
  readonly running: boolean
}

export async function replay(opened: Opened, only: string | undefined): Promise<Replayed> {
  const { data_dir } = opened.config.shipper
  const unlock = await lock(data_dir).catch((error: Error) => {
    if (error instanceof LockedError) return undefined
    throw error
  })
  const paths = await DeadLetters.setAside(data_dir, only)
  // The one that runs has the outputs, and finds the files.
  if (unlock === undefined) return { sent: await countLetters(paths), kept: 0, running: true }
  await unlock()
  const letters: Letter[] = []
  for (const path of paths) letters.push(...(await DeadLetters.read(path)).letters)
  const records = letters.filter((letter) => letter.kind === 'record')
  const events = letters.filter((letter) => letter.kind === 'delivery')
  const kept = [...(await replayRecords(opened, records)), ...(await replayEvents(opened, events))]
  if (kept.length > 0) {
    const dead = new DeadLetters({ data_dir, clock: systemClock, log: opened.log })
    await dead.write(kept)
    await dead.close()
  }
  for (const path of paths) await unlink(path)
  return { sent: letters.length - kept.length, kept: kept.length, running: false }
}

async function countLetters(paths: readonly string[]): Promise<number> {
  let count = 0
  // One that is gone has been sent already.
  for (const path of paths) count += (await DeadLetters.read(path)).letters.length
  return count
}

/** Records go in at their input, in place of what it reads. @returns letters without bytes or input */
async function replayRecords({ config, log }: Opened, letters: readonly RecordLetter[]): Promise<Letter[]> {
  const known = new Set(config.inputs.map(({ name }) => name))
  const whole = letters.filter(({ input, data }) => known.has(input) && data !== undefined)
  const byInput = new Map<string, RecordLetter[]>()
  for (const letter of whole) byInput.set(letter.input, [...(byInput.get(letter.input) ?? []), letter])
  if (whole.length > 0) {
    const inputs = new Map([...byInput].map(([name, some]) => [name, letterInput(some)]))
    const narrowed = { ...config, inputs: config.inputs.filter(({ name }) => byInput.has(name)) }
    await new Shipper({ config: narrowed, log, once: true, inputs }).run(new AbortController().signal)
  }
  return letters.filter((letter) => !whole.includes(letter))
}

/** Encoded events go straight to their output. @returns those it did not take, and those of outputs that are gone */
async function replayEvents({ config, fields, plugins, log }: Opened, letters: readonly DeliveryLetter[]): Promise<Letter[]> {
  const kept: Letter[] = letters.filter(({ output }) => !config.outputs.some(({ name }) => name === output))
  const signal = new AbortController().signal
  for (const { name, config: options } of config.outputs) {
    const mine = letters.filter(({ output }) => output === name)
    if (mine.length === 0) continue
    const data_dir = join(config.shipper.data_dir, 'outputs', name)
    const output = await (plugins.get(pluginKey('output', name)) as OutputPlugin).create(options as never, {
      name,
      data_dir,
      fields,
      log,
      clock: systemClock,
    })
    try {
      await output.open?.(signal)
      for (const [i, letter] of mine.entries()) {
        const body = Buffer.from(letter.body, 'base64')
        const ends = Uint32Array.from(letter.ends ? [body.length] : [])
        try {
          await output.write(
            { id: `replay.${letter.at}.${i}`, body, count: 1, ends, records: new Uint32Array(1), key: letter.key },
            { signal, attempt: 1 },
          )
        } catch (error) {
          log.warn(`output ${name} does not take a letter of ${letter.at}: ${(error as Error).message}`)
          kept.push(letter)
        }
      }
    } finally {
      await output.close?.()
    }
  }
  return kept
}
