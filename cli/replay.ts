/**
 * Sends dead letters on their way again. Their file is set aside first, so that letters that fail once more can be written anew; it is
 * deleted when all of it has been dealt with. A replay that is cut short is repeated by the next one.
 */
import { rename, unlink } from 'node:fs/promises'
import { join } from 'node:path'
import { systemClock } from '../core/clock.ts'
import { DeadLetters, type DeliveryLetter, type Letter, type RecordLetter } from '../core/delivery/dead-letters.ts'
import type { Batch, Input, OutputPlugin } from '../core/plugin.ts'
import { pluginKey } from '../core/route/pipeline.ts'
import { Shipper } from '../core/shipper.ts'
import { lock } from '../core/state/lock.ts'
import type { Opened } from './options.ts'

export interface Replayed {
  /** Letters sent on their way, and letters that had to be kept. */
  readonly sent: number
  readonly kept: number
}

/** End of the name of a file that is being replayed. */
const ASIDE = '.replay'

export async function replay(opened: Opened, only: string | undefined): Promise<Replayed> {
  const files = await setAside(opened.config.shipper.data_dir, only)
  const letters: Letter[] = []
  for (const { path } of files) letters.push(...(await DeadLetters.read(path)).letters)
  const records = letters.filter((letter) => letter.kind === 'record')
  const events = letters.filter((letter) => letter.kind === 'delivery')
  const kept = [...(await replayRecords(opened, records)), ...(await replayEvents(opened, events))]
  if (kept.length > 0) {
    const dead = new DeadLetters({ data_dir: opened.config.shipper.data_dir, clock: systemClock, log: opened.log })
    await dead.write(kept)
    await dead.close()
  }
  for (const { path } of files) await unlink(path)
  return { sent: letters.length - kept.length, kept: kept.length }
}

/** Renames the files of letters, while no shipper can write them. */
async function setAside(data_dir: string, only: string | undefined): Promise<{ path: string }[]> {
  const unlock = await lock(data_dir)
  try {
    const files = (await DeadLetters.list(data_dir)).filter(({ name }) => only === undefined || name.split('.')[1] === only)
    const moved: { path: string }[] = []
    for (const { name, path } of files) {
      const aside = name.endsWith(ASIDE) ? path : join(data_dir, 'dead', `${name}${ASIDE}`)
      if (aside !== path) await rename(path, aside)
      moved.push({ path: aside })
    }
    return moved
  } finally {
    await unlock()
  }
}

/** Records go in at their input, in place of what it reads. @returns letters without bytes or input */
async function replayRecords({ config, log }: Opened, letters: readonly RecordLetter[]): Promise<Letter[]> {
  const known = new Set(config.inputs.map(({ name }) => name))
  const whole = letters.filter(({ input, data }) => known.has(input) && data !== undefined)
  const byInput = new Map<string, RecordLetter[]>()
  for (const letter of whole) byInput.set(letter.input, [...(byInput.get(letter.input) ?? []), letter])
  if (whole.length > 0) {
    const inputs = new Map([...byInput].map(([name, some]) => [name, () => letterInput(some)]))
    const narrowed = { ...config, inputs: config.inputs.filter(({ name }) => byInput.has(name)) }
    await new Shipper({ config: narrowed, log, once: true, inputs }).run(new AbortController().signal)
  }
  return letters.filter((letter) => !whole.includes(letter))
}

/** One batch for each letter, with the place and identity that it had: its event gets the id it would have had. */
function letterInput(letters: readonly RecordLetter[]): Input {
  return {
    async *read(): AsyncIterable<Batch> {
      for (const [i, { identity, data, context, offset }] of letters.entries()) {
        yield {
          stream: 'replay',
          identity,
          data: Buffer.from(data!, 'base64'),
          offset,
          records: 1,
          context: Buffer.from(context ?? '', 'base64'),
          next: { letters: i + 1 },
        }
      }
    },
  }
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
