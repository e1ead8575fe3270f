/** Every property of the kit holds for a good plugin and fails for one that breaks it. */
import assert from 'node:assert/strict'
import { appendFile, open, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { jsonWriter } from '../../core/event/json.ts'
import type { Batch, ByteWriter, Encoder, Event, Filter, FilterPlugin, InputPlugin, Output, OutputPlugin, Plugin } from '../../core/plugin.ts'
import { fieldTable } from '../../core/plugin.ts'
import { everyType } from './encoder.ts'
import { type CheckOptions, chaos, findings, numbers, type Sample } from './index.ts'

async function holds(plugin: Plugin, options: CheckOptions): Promise<void> {
  assert.deepEqual(await findings(plugin, options), [])
}

/** @param only beginning of the name of the property that finds it */
async function breaks(plugin: unknown, options: CheckOptions, only: string, expected: RegExp): Promise<void> {
  const found = await findings(plugin as Plugin, options, only)
  assert.ok(
    found.some((finding) => expected.test(finding)),
    `${expected} is not among: ${found.join('\n')}`,
  )
}

// --- shape ---

const keep = {
  kind: 'filter',
  summary: 'Keeps every event.',
  config: { type: 'object', properties: { max_bytes: { type: 'integer', default: 1, description: 'Nothing.' } } },
  create: () => ({ apply: () => true }),
} satisfies FilterPlugin

test('shape', async () => {
  await holds(keep, {})
  const option = (name: string, schema: object) => ({ ...keep, config: { type: 'object', properties: { [name]: schema } } })
  await breaks({ ...keep, kind: 'sink' }, {}, 'members', /kind is "sink"/)
  await breaks({ ...keep, stat: 'none' }, {}, 'members', /stat is no member/)
  await breaks({ ...keep, state: 'some' }, {}, 'members', /state is some/)
  await breaks({ ...chaos, parallel: 0 }, {}, 'members', /parallel is 0/)
  await breaks({ ...numbers, replayable: undefined }, {}, 'members', /replayable is neither/)
  await breaks({ ...keep, summary: 'Keeps events. Drops none.' }, {}, 'summary', /one sentence/)
  await breaks({ ...keep, summary: 'no stop' }, {}, 'summary', /one sentence/)
  await breaks(option('maxBytes', { type: 'integer', description: 'x' }), {}, 'snake_case', /maxBytes is not in snake_case/)
  await breaks(option('rotate', { type: 'object', description: 'x', properties: { size: {} } }), {}, 'snake_case', /size has no description/)
  const narrowed = { ...keep.config, anyOf: [{ properties: { max_bytes: { const: 1 } } }, { properties: { other: { const: 1 } } }] }
  assert.deepEqual(await findings({ ...keep, config: narrowed }, {}, 'snake_case'), [
    'options are in snake_case and described: other has no description',
  ])
  await breaks(option('size', { type: 'integer', description: 'x', default: 'two' }), {}, 'defaults', /default of size does not fit/)
  await breaks(option('size', { type: 'integer', description: 'x', minimun: 2 }), {}, 'defaults', /minimun/)
  const table = (path: string, description = 'x') => fieldTable('t', { f: { path, type: 'int', description } })
  await breaks({ ...keep, fields: [table('frame')] }, {}, 'fields', /field frame cannot have a value/)
  await breaks({ ...keep, fields: [table('@timestamp')] }, {}, 'fields', /@timestamp is int in t/)
  await breaks({ ...keep, fields: [table('a..b')] }, {}, 'fields', /not a dotted path/)
  await breaks({ ...keep, fields: [table('a.b', ' ')] }, {}, 'fields', /a\.b has no description/)
  await breaks(keep, { folder: '/nowhere' }, 'README', /README\.md: \/nowhere has none/)
})

// --- inputs ---

const read: Sample = { cases: [{ name: 'numbers', prepare: () => ({ config: { count: 500, per_batch: 50, bad_every: 7 } }) }] }

/** Numbers, but what it yields goes through `change`. */
function changed(change: (batch: Batch, lease: (bytes: number) => Uint8Array) => Batch): InputPlugin<typeof numbers.config> {
  return {
    ...numbers,
    create: (config, context) => ({
      read: async function* () {
        for await (const batch of numbers.create(config, context).read()) yield change(batch, (bytes) => context.lease(bytes))
      },
    }),
  }
}

test('input: batches', async () => {
  await holds(numbers as unknown as Plugin, { sample: read })
  await breaks(numbers, { sample: { cases: [{ name: 'none', prepare: () => ({ config: { count: 0 } }) }] } }, 'contract', /nothing to read/)
  const batches = (change: Parameters<typeof changed>[0], expected: RegExp) => breaks(changed(change), { sample: read }, 'contract', expected)
  await batches((batch) => ({ ...batch, records: batch.records + 1 }), /says it holds 51 records, but the decoder opens 50/)
  await batches((batch) => ({ ...batch, records: 4000 }), /says it holds 4000 records/)
  await batches((batch) => ({ ...batch, data: batch.data.subarray(16) }), /does not begin where the lease begins/)
  await batches((batch, lease) => {
    lease(16)
    return batch
  }, /lease that has ended/)
  await batches((batch) => ({ ...batch, data: new Uint8Array(0) }), /a batch is empty/)
  await batches((batch) => ({ ...batch, offset: -1 }), /lies at -1/)
  await batches((batch) => ({ ...batch, stream: '' }), /no name of its stream/)
  await batches((batch) => ({ ...batch, next: { at: Number.NaN } }), /not plain JSON/)
})

test('input: going on and ending', async () => {
  await breaks(
    changed((batch) => ({ ...batch, next: {} })),
    { sample: read },
    'every cut',
    /from the cut behind batch/,
  )
  let calls = 0
  const restless = changed((batch) => ({ ...batch, offset: batch.offset + (calls++ % 3) }))
  await breaks(restless, { sample: read }, 'every batching', /every batching gives the same events/)
  const reader = (more: (signal: AbortSignal) => AsyncGenerator<Batch>) => ({
    ...numbers,
    create: (config: never, context: Parameters<typeof numbers.create>[1]) => ({
      read: async function* () {
        yield* numbers.create(config, context).read()
        if (!context.once) yield* more(context.signal)
      },
    }),
  })
  const few: Sample = { cases: [{ name: 'few', prepare: () => ({ config: { count: 10 } }) }] }
  const deaf = reader(async function* () {
    await new Promise(() => undefined)
  })
  await breaks(deaf, { sample: few, patience_ms: 200 }, 'abort', /it does not end/)
  const stubborn = reader(async function* () {
    for (;;) yield { stream: 'x', data: new Uint8Array(16), offset: 0, records: 1, next: {} }
  })
  await breaks(stubborn, { sample: few, patience_ms: 200 }, 'abort', /goes on reading/)
  const left: { close(): Promise<void> }[] = []
  const untidy = reader(async function* () {
    left.push(await open('/dev/null'))
    yield { stream: 'x', data: new Uint8Array(16), offset: 0, records: 1, next: {} }
  })
  await breaks(untidy, { sample: few }, 'abort', /still open: .*null/)
  for (const handle of left) await handle.close()
})

/** Numbers with another decoder. */
function decoded(decoder: typeof numbers.decoder): Plugin {
  return { ...numbers, decoder } as unknown as Plugin
}

test('input: the decoder', async () => {
  const sample = read
  const counting = decoded((config, context) => {
    const inner = numbers.decoder(config, context)
    let count = 0
    return { decode: (batch, records) => inner.decode({ ...batch, offset: batch.offset + count++ }, records) }
  })
  await breaks(counting, { sample }, 'decoding does not', /in a new decoder/)
  const remembering = decoded((config, context) => {
    const inner = numbers.decoder(config, context)
    const text = context.field('event.dataset')
    let place: number | undefined
    return {
      decode: (batch, records) =>
        inner.decode(batch, {
          ...records,
          open: (at, length) => records.open(at, length),
          reject: (reason) => records.reject(reason),
          emit: () => {
            // Kept in the arena of the first event, and gone with it.
            place ??= context.event.keep(Buffer.from('first'))
            context.event.put(text.field.number, place, 5)
            records.emit()
          },
        }),
    }
  })
  await breaks(remembering, { sample }, 'decoding does not', /in a new decoder/)
  const throwing = decoded((config, context) => {
    const inner = numbers.decoder(config, context)
    return {
      decode: (batch, records) => {
        if (batch.data.length % 16 > 0) throw new RangeError('torn')
        inner.decode(batch, records)
      },
    }
  })
  await breaks(throwing, { sample }, 'mutated', /mutated bytes .* decode throws RangeError: torn/)
  const hanging = decoded((config, context) => {
    const inner = numbers.decoder(config, context)
    return {
      decode: (batch, records) => {
        while (batch.data[0] > 0);
        inner.decode(batch, records)
      },
    }
  })
  await breaks(hanging, { sample, patience_ms: 500 }, 'mutated', /decode hangs/)
  const sloppy = (records: (sink: Parameters<ReturnType<typeof numbers.decoder>['decode']>[1]) => void) =>
    decoded(() => ({ decode: (_, sink) => records(sink) }))
  await breaks(
    sloppy((sink) => void sink.open(0, 16)),
    { sample },
    'contract',
    /neither emitted nor rejected/,
  )
  await breaks(
    sloppy((sink) => sink.emit()),
    { sample },
    'contract',
    /ends that was not opened/,
  )
  await breaks(
    sloppy((sink) => [1, 2].map(() => sink.open(0, 16))),
    { sample },
    'contract',
    /opened before the last one/,
  )
  await breaks(
    sloppy((sink) => void sink.open(1, 1e9)),
    { sample },
    'contract',
    /a record at 1 of 1000000000 bytes/,
  )
})

// --- filters ---

const own = fieldTable('own', { n: { path: 'own.n', type: 'int', description: 'A number.' } })

function filter(apply: (event: Event, emit: Parameters<Filter['apply']>[1]) => boolean | void, more: Partial<FilterPlugin> = {}): FilterPlugin {
  return { ...keep, fields: [own], create: () => ({ apply }), ...more }
}

test('filter', async () => {
  const sample: Sample = { tables: [everyType] }
  await holds(
    filter((event) => {
      event.set('own.n', Number(event.get('frame.number') ?? 0))
      event.delete('kit.text')
      return event.get('kit.int') !== 7
    }),
    { sample },
  )
  await breaks(
    filter((event) => event.set('kit.int', 5)),
    { sample },
    'declares',
    /kit\.int is set but not in its field tables/,
  )
  await breaks(
    filter((event) => event.set('no.such', 5)),
    { sample },
    'declares',
    /no plugin declares the field no\.such/,
  )
  await breaks(
    filter((event) => event.set('own.n', Math.floor(Math.random() * 1e15))),
    { sample },
    'same again',
    /gives the same again/,
  )
  const stateful = { create: () => ((count: number) => ({ apply: (event: Event) => event.set('own.n', count++) }))(0) }
  await breaks(
    filter(() => true, stateful),
    { sample },
    'other events',
    /does not depend on other events/,
  )
  await holds(
    filter(() => true, { ...stateful, state: 'annotates' }),
    { sample },
  )
  const unjournaled = filter((event) => event.put(event.fields.find('kit.int')!.number, 3))
  await breaks(unjournaled, { sample }, 'undone', /after rollback/)
  await breaks(
    filter((_, emit) => emit((event) => event.set('own.n', 1))),
    { sample },
    'declares',
    /made without event\.id/,
  )
  const withholding = (forget: boolean): Partial<FilterPlugin> => ({
    state: 'withholds',
    create: () => {
      let held: ReturnType<Event['hold']>[] = []
      return {
        apply: (event) => {
          held.push(event.hold())
          return false
        },
        due: () => held.length >= 10,
        flush: (emit) => {
          for (const one of held) emit((event) => event.restore(one))
          if (forget) held = []
        },
      }
    },
  })
  await holds(
    filter(() => true, withholding(true)),
    { sample },
  )
  await breaks(
    filter(() => true, withholding(false)),
    { sample },
    'flushed',
    /second flush emits/,
  )
})

// --- outputs ---

type Write = (line: string, file: string) => Promise<void>

/** Lines of JSON to a file, each write through `write`. */
function lines(write: Write, more: Partial<Output> = {}): OutputPlugin {
  return {
    kind: 'output',
    summary: 'Writes lines to a file.',
    config: { type: 'object', properties: { path: { type: 'string', default: 'x', description: 'The file.' } } },
    parallel: 4,
    create: (config) => ({
      write: async ({ body }, { signal }) => {
        signal.throwIfAborted()
        await write(Buffer.from(body).toString(), (config as unknown as { path: string }).path)
      },
      ...more,
    }),
    encoder: chaos.encoder as OutputPlugin['encoder'],
  }
}

const toFile: Sample = {
  receiver: (folder) => {
    const path = join(folder, 'lines')
    const received = async () =>
      (await readFile(path, 'utf8').catch(() => ''))
        .split('\n')
        .slice(0, -1)
        .map((line) => JSON.parse(line).frame.number)
    return { config: { path }, received }
  },
}

test('output', async () => {
  const append: Write = (text, path) => appendFile(path, text)
  await holds(lines(append), { sample: toFile })
  await holds(chaos as unknown as Plugin, {})
  const later: Write = async (text, path) => void setTimeout(() => appendFile(path, text).catch(() => undefined), 20)
  await breaks(lines(later), { sample: toFile }, 'resolves once', /write resolves once the events have arrived: 5 lost/)
  let active = 0
  const alone: Write = async (text, path) => {
    if (active++ === 0) await appendFile(path, text)
    active--
  }
  await breaks(lines(alone), { sample: toFile }, 'at once', /as many writes as it says go on at once: 3 lost/)
  const seen = new Set<string>()
  const torn: Write = async (text, path) => {
    await appendFile(path, seen.has(`${path}${text}`) ? text.slice(0, -2) : text)
    seen.add(`${path}${text}`)
  }
  await breaks(lines(torn), { sample: toFile }, 'twice', /the same payload twice does no harm: SyntaxError/)
  const deaf: Partial<Output> = { write: () => new Promise(() => undefined) }
  await breaks(lines(append, deaf), { sample: toFile, patience_ms: 50 }, 'aborted write', /an aborted write does not end/)
  await breaks(lines(append, deaf), { sample: toFile, patience_ms: 50 }, 'resolves once', /a write never ends/)
  let timer: NodeJS.Timeout | undefined
  await breaks(
    lines(append, { open: async () => void (timer = setInterval(() => undefined, 1e6)) }),
    { sample: toFile },
    'after close',
    /still open: Timeout/,
  )
  clearInterval(timer)
})

test('encoder', async () => {
  const encoder = (make: OutputPlugin['encoder']): OutputPlugin => ({ ...lines(async () => undefined), encoder: make })
  const line = (context: Parameters<OutputPlugin['encoder']>[1], change: (text: string) => string): Encoder => {
    const writeJson = jsonWriter(context.fields)
    return {
      format: 'ndjson/1',
      write: (event: Event, into: ByteWriter) => {
        const start = into.pos
        writeJson(event, into)
        const text = Buffer.from(into.written()).toString('utf8', start)
        into.pos = start
        into.text(`${change(text)}\n`)
      },
    }
  }
  await holds(
    encoder((_, context) => line(context, (text) => text)),
    {},
  )
  await breaks(
    encoder((_, context) => line(context, (text) => text.replace('true', 'false'))),
    {},
    'JSON',
    /JSON equals that of the object path: event/,
  )
  await breaks(
    encoder((_, context) => line(context, (text) => `${text}\n`)),
    {},
    'JSON',
    /not one whole line/,
  )
  let count = 0
  await breaks(
    encoder((_, context) => line(context, (text) => `${text}${count++}`)),
    {},
    'neighbours',
    /bytes of event \d+ among others/,
  )
  await breaks(
    encoder((_, context) => ({ ...line(context, (text) => text), key: () => String(count++) })),
    {},
    'neighbours',
    /key of event/,
  )
  await breaks(
    encoder((_, context) => ({ ...line(context, (text) => text), format: `ndjson/${count++}` })),
    {},
    'format',
    /format is ndjson/,
  )
  await breaks(
    encoder(() => ({ format: '', write: () => undefined })),
    {},
    'format',
    /format is ""/,
  )
  const unreserved = encoder(() => ({ format: 'raw', write: (_, into) => void (into.buf[into.pos++] = 65) }))
  await breaks(unreserved, {}, 'neighbours', /bytes of event \d+ among others/)
})
