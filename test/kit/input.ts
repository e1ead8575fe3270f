/** What every input and its decoder must do. */
import { setTimeout as delay } from 'node:timers/promises'
import type { InputPlugin, Position } from '../../core/plugin.ts'
import { LEASE_BYTES } from '../../core/plugin.ts'
import { checkedConfig } from './config.ts'
import { openedSince, openThings } from './open-things.ts'
import { inFolder, Problems, type Property, settled, stopHanging } from './property.ts'
import { Random } from './random.ts'
import { Decoding, type Kept, KitContext, readAll } from './reading.ts'
import type { InputCase, InputSample } from './sample.ts'

/** Small leases make many batches. */
const LEASES = [LEASE_BYTES, 16 * 1024, 4096]
const MOST_CUTS = 25
const MUTATIONS = 400

type Check = (plugin: InputPlugin, config: object, problems: Problems, patience_ms: number) => Promise<void>

export function inputProperties(plugin: InputPlugin, sample: InputSample, patience_ms: number): Property[] {
  return sample.cases.flatMap((sampleCase) => {
    const property = (name: string, check: Check): Property => ({
      name: `${name} (${sampleCase.name})`,
      check: () => withCase(plugin, sampleCase, patience_ms, check),
    })
    const properties = [
      property('batches and records keep to the contract', contract),
      property('mutated bytes never throw or hang', mutation),
      property('an abort ends it soon, with nothing left open', aborts),
    ]
    if (sampleCase.replayable === false) return properties
    return [
      ...properties,
      property('every batching gives the same events', batchings),
      property('reading goes on from every cut', resumes),
      property('decoding does not depend on the batch before', independent),
    ]
  })
}

async function withCase(plugin: InputPlugin, { prepare }: InputCase, patience_ms: number, check: Check): Promise<string[]> {
  return inFolder(async (folder) => {
    const { config, close } = await prepare(folder)
    const problems = new Problems()
    try {
      // Begun a little later, so that the timer is not taken for the plugin's.
      const work = Promise.resolve().then(() => check(plugin, checkedConfig(plugin, config), problems, patience_ms))
      if ((await settled(work, 2 * patience_ms, 'late')) === 'late') problems.add('it does not end')
    } finally {
      await close?.()
    }
    return problems.list
  })
}

const contract: Check = async (plugin, config, problems) => {
  const batches = await readAll(plugin, config, {}, problems)
  if (batches.length === 0) problems.add('there is nothing to read, so nothing was checked')
  const decoding = new Decoding(plugin, config)
  for (const batch of batches) {
    const { length } = decoding.decode(batch, problems)
    if (length !== batch.records) problems.add(`a batch says it holds ${batch.records} records, but the decoder opens ${length}`)
  }
}

/** Events of each stream, in order, and how many there had been after each batch. */
interface Streams {
  readonly texts: Map<string, string[]>
  readonly after: { stream: string; count: number; next: Position }[]
}

function decodeAll(plugin: InputPlugin, config: object, batches: readonly Kept[], problems: Problems): Streams {
  const decoding = new Decoding(plugin, config)
  const streams: Streams = { texts: new Map(), after: [] }
  for (const batch of batches) {
    let texts = streams.texts.get(batch.stream)
    if (!texts) streams.texts.set(batch.stream, (texts = []))
    texts.push(...decoding.decode(batch, problems))
    streams.after.push({ stream: batch.stream, count: texts.length, next: batch.next })
  }
  return streams
}

const batchings: Check = async (plugin, config, problems) => {
  const [first, ...others] = LEASES
  const expected = decodeAll(plugin, config, await readAll(plugin, config, { lease: first }, problems), problems)
  for (const lease of others) {
    const { texts } = decodeAll(plugin, config, await readAll(plugin, config, { lease }, problems), problems)
    compare(problems, `with leases of ${lease} bytes`, texts, expected.texts)
  }
}

const resumes: Check = async (plugin, config, problems) => {
  const all = decodeAll(plugin, config, await readAll(plugin, config, { lease: LEASES[2] }, problems), problems)
  const cuts = new Random(1).shuffle(all.after.map((_, i) => i)).slice(0, MOST_CUTS)
  for (const cut of cuts) {
    const positions = new Map<string, Position>()
    const counts = new Map<string, number>()
    for (const { stream, count, next } of all.after.slice(0, cut + 1)) {
      positions.set(stream, next)
      counts.set(stream, count)
    }
    const rest = decodeAll(plugin, config, await readAll(plugin, config, { positions }, problems), problems)
    const expected = new Map([...all.texts].map(([stream, texts]) => [stream, texts.slice(counts.get(stream) ?? 0)]))
    compare(problems, `from the cut behind batch ${cut + 1} of ${all.after.length}`, rest.texts, expected)
  }
}

/** Any worker may get any batch: a new decoder for each gives the same, in whatever order. */
const independent: Check = async (plugin, config, problems) => {
  const batches = await readAll(plugin, config, { lease: LEASES[2] }, problems)
  const decoding = new Decoding(plugin, config)
  const expected = batches.map((batch) => decoding.decode(batch, problems).join('\n'))
  const shared = new Decoding(plugin, config)
  for (const i of new Random(1).shuffle(batches.map((_, i) => i)).slice(0, 200)) {
    problems.same(`batch ${i + 1} in a new decoder`, new Decoding(plugin, config).decode(batches[i], problems).join('\n'), expected[i])
    problems.same(`batch ${i + 1} in another order`, shared.decode(batches[i], problems).join('\n'), expected[i])
  }
}

const mutation: Check = async (plugin, config, problems, patience_ms) => {
  const batches = await readAll(plugin, config, { lease: LEASES[1] }, problems)
  if (batches.length === 0) return
  const random = new Random(1)
  const decoding = new Decoding(plugin, config)
  let at = 0
  try {
    stopHanging(patience_ms, () => {
      for (; at < MUTATIONS; at++) decoding.decode(mutate(random.pick(batches), random), problems, { texts: false })
    })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ERR_SCRIPT_EXECUTION_TIMEOUT') throw error
    problems.add(`decode hangs (mutation ${at + 1})`)
  }
}

function mutate(batch: Kept, random: Random): Kept {
  const data = batch.data.slice(0, random.chance(0.3) ? random.below(batch.data.length) : batch.data.length)
  // Most damage does the most near the beginning, where the first lengths are. The context is the input's own and stays.
  const reach = Math.min(data.length, random.pick([64, 1024, data.length]))
  for (let flips = random.below(8); flips > 0 && reach > 0; flips--)
    data[random.below(reach)] = random.pick([0, 1, 0x7f, 0x80, 0xff, random.below(256)])
  return { ...batch, data }
}

const aborts: Check = async (plugin, config, problems, patience_ms) => {
  const before = openThings()
  await abortBefore(plugin, config, problems, patience_ms)
  await abortWithin(plugin, config, problems, patience_ms)
  for (const thing of await openedSince(before)) problems.add(`still open: ${thing}`)
}

const abortBefore: Check = async (plugin, config, problems, patience_ms) => {
  const context = new KitContext({ once: false, signal: AbortSignal.abort(new Error('aborted by the kit')) })
  const input = await plugin.create(config as never, context)
  await drain(input.read()[Symbol.asyncIterator](), 'aborted before it began, it', problems, patience_ms)
}

/** Aborted while the input waits for more, or in the middle of a backlog. */
const abortWithin: Check = async (plugin, config, problems, patience_ms) => {
  const controller = new AbortController()
  const context = new KitContext({ once: false, signal: controller.signal })
  const input = await plugin.create(config as never, context)
  const iterator = input.read()[Symbol.asyncIterator]()
  await iterator.next()
  const waiting = iterator.next()
  controller.abort(new Error('aborted by the kit'))
  await waiting.catch(() => undefined)
  await drain(iterator, 'aborted, it', problems, patience_ms)
}

async function drain(iterator: AsyncIterator<unknown>, what: string, problems: Problems, patience_ms: number): Promise<void> {
  const end = Date.now() + patience_ms
  try {
    while (!(await iterator.next()).done) {
      if (Date.now() > end) {
        problems.add(`${what} goes on reading`)
        await iterator.return?.()
        return
      }
      await delay(0)
    }
  } catch {
    // To throw what the signal was aborted with is an end as well.
  }
}

function compare(problems: Problems, when: string, actual: Map<string, string[]>, expected: Map<string, string[]>): void {
  for (const stream of new Set([...actual.keys(), ...expected.keys()])) {
    const found = actual.get(stream) ?? []
    const wanted = expected.get(stream) ?? []
    const at = wanted.findIndex((text, i) => text !== found[i])
    if (at >= 0) problems.same(`${when}, event ${at + 1} of ${wanted.length}`, found[at], wanted[at])
    else if (found.length > wanted.length) problems.add(`${when}: ${found.length} events instead of ${wanted.length}`)
  }
}
