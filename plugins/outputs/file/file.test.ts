import assert from 'node:assert/strict'
import { appendFile, copyFile, type FileHandle, mkdtemp, readdir, readFile, rename, rm, stat, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, test } from 'node:test'
import { setImmediate } from 'node:timers/promises'
import { gunzipSync, gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { Fields, type Log, type Payload } from '../../../core/plugin.ts'
import { ManualClock } from '../../../test/kit/clock.ts'
import { type Disk, realDisk } from './disk.ts'
import { FileOutput, type FileOutputOptions } from './output.ts'

let folder = ''
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'file-output-'))
})
afterEach(() => rm(folder, { recursive: true }))

let ids = 0
function payload(path: string, lines: readonly string[], id = `p${++ids}`): Payload {
  const body = Buffer.from(lines.map((line) => `{"n":"${line}"}\n`).join(''))
  return { id, body, count: lines.length, ends: new Uint32Array(0), records: new Uint32Array(0), key: path }
}

interface Rig {
  readonly output: FileOutput
  readonly clock: ManualClock
  readonly warnings: string[]
  write(path: string, lines: readonly string[], signal?: AbortSignal, id?: string): Promise<void>
}

function rig(options: Partial<FileOutputOptions> = {}, clock = new ManualClock(Date.now())): Rig {
  const warnings: string[] = []
  const log: Log = { error: assert.fail, warn: (message) => warnings.push(message), info: assert.fail, debug: assert.fail }
  const context = { name: 'archive', data_dir: folder, fields: new Fields([]), log, clock }
  const output = new FileOutput({ folder, gzip: false, sync_ms: 0, rotate: {}, disk: realDisk, ...options }, context)
  const write: Rig['write'] = (path, lines, signal = new AbortController().signal, id = undefined) =>
    output.write(payload(path, lines, id), { signal, attempt: 1 })
  return { output, clock, warnings, write }
}

/** Lines of a file, which must be whole. */
async function linesOf(path: string): Promise<string[]> {
  const bytes = await readFile(path)
  const text = (path.endsWith('.gz') && bytes.length > 0 ? gunzipSync(bytes) : bytes).toString()
  assert.match(text, /^(\{.*\}\n)*$/)
  return text
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line).n)
}

async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await condition())) await setImmediate()
}

/** The real disk, but calls of one kind on opened files go through `change`. */
function faulty(change: (method: string, call: () => Promise<unknown>, args: unknown[]) => Promise<unknown>): Disk {
  return {
    ...realDisk,
    open: async (path, flags) => {
      const handle = (await change('open', () => realDisk.open(path, flags), [])) as FileHandle
      return new Proxy(handle, {
        get: (target, name) => {
          const member = Reflect.get(target, name)
          if (typeof member !== 'function') return member
          return (...args: unknown[]) => change(String(name), () => Reflect.apply(member, target, args), args)
        },
      })
    },
  }
}

function fault(code: string): Error {
  return Object.assign(new Error(`${code}: made by the test`), { code })
}

test('bodies of many writes lie in the order of the calls, in files by key, in folders that are made', async () => {
  const { output, write } = rig()
  const paths = Array.from({ length: 70 }, (_, i) => join(folder, 'deep', String(i), 'x.ndjson'))
  await Promise.all(Array.from({ length: 700 }, (_, i) => write(paths[i % 70], [String(i)])))
  await write(paths[0], ['last'])
  await output.close()
  assert.deepEqual(await linesOf(paths[3]), ['3', '73', '143', '213', '283', '353', '423', '493', '563', '633'])
  assert.equal((await linesOf(paths[0])).at(-1), 'last')
  await assert.rejects(write(paths[0], ['x']), /closed/)
})

test('a write settles with the sync that covers it, at most one in sync_ms', async () => {
  let syncs = 0
  const disk = faulty((method, call) => {
    if (method === 'datasync') syncs++
    return call()
  })
  const { output, clock, write } = rig({ sync_ms: 1000, disk })
  const path = join(folder, 'x.ndjson')
  await write(path, ['a'])
  assert.equal(syncs, 1)
  let settled = 0
  const rest = ['b', 'c'].map((line) => write(path, [line]).then(() => settled++))
  await until(async () => (await linesOf(path)).length === 3)
  clock.advance(999)
  await setImmediate()
  assert.deepEqual([settled, syncs], [0, 1])
  await until(() => clock.sleepers === 1)
  clock.advance(1)
  await Promise.all(rest)
  assert.equal(syncs, 2)
  await output.close()
  assert.equal(clock.sleepers, 0)
})

test('much waiting data is synced at once', async () => {
  const { output, write } = rig({ sync_ms: 1_000_000 })
  const path = join(folder, 'x.ndjson')
  const long = 'x'.repeat(3_000_000)
  await write(path, ['first'])
  await Promise.all([write(path, [long]), write(path, [long]), write(path, [long])])
  assert.equal((await linesOf(path)).length, 4)
  await output.close()
})

test('an idle file is closed and opened again', async () => {
  const calls = { open: 0, close: 0 }
  const disk = faulty((method, call) => {
    if (method === 'open' || method === 'close') calls[method]++
    return call()
  })
  const { output, clock, write } = rig({ disk })
  const path = join(folder, 'x.ndjson')
  await write(path, ['a'])
  await until(() => clock.sleepers === 1)
  assert.equal(calls.open - calls.close, 1)
  clock.advance(30_000)
  await until(() => calls.open === calls.close)
  await write(path, ['b'])
  assert.deepEqual(await linesOf(path), ['a', 'b'])
  await output.close()
  assert.equal(calls.open, calls.close)
})

test('the torn last line of an earlier run is cut, wherever it was torn', async () => {
  const whole = Buffer.from('{"n":"one"}\n{"n":"two"}\n')
  for (let length = 0; length <= whole.length; length++) {
    const path = join(folder, `${length}.ndjson`)
    await writeFile(path, whole.subarray(0, length))
    const { output, write, warnings } = rig()
    await write(path, ['new'])
    await output.close()
    const kept = ['one', 'two'].slice(0, length < 12 ? 0 : length < 24 ? 1 : 2)
    assert.deepEqual(await linesOf(path), [...kept, 'new'])
    assert.equal(warnings.length, [0, 12, 24].includes(length) ? 0 : 1)
  }
})

test('a torn line longer than a block is cut, and zeros are', async () => {
  for (const tail of [`{"n":"${'x'.repeat(300_000)}`, '\0'.repeat(70_000)]) {
    const path = join(folder, 'x.ndjson')
    await writeFile(path, `{"n":"one"}\n${tail}`)
    const { output, write } = rig()
    await write(path, ['two'])
    await output.close()
    assert.deepEqual(await linesOf(path), ['one', 'two'])
  }
})

test('a file of somebody else is set aside, not cut', async () => {
  const path = join(folder, 'x.ndjson')
  const zipped = join(folder, 'y.gz')
  await writeFile(path, 'shopping list')
  await writeFile(zipped, gzipSync('shopping list'))
  const plain = rig()
  await plain.write(path, ['a'])
  await plain.output.close()
  const gzip = rig({ gzip: true })
  await gzip.write(zipped, ['a'])
  await gzip.output.close()
  assert.equal(await readFile(`${path}.1`, 'utf8'), 'shopping list')
  assert.equal(gunzipSync(await readFile(join(folder, 'y.1.gz'))).toString(), 'shopping list')
  assert.deepEqual([await linesOf(path), await linesOf(zipped)], [['a'], ['a']])
  assert.match(plain.warnings[0], /x\.ndjson is not a file of this output; it is now .*x\.ndjson\.1/)
})

test('gzip: what one sync covers is a member; a torn tail costs only the last one', async () => {
  const path = join(folder, 'x.ndjson.gz')
  const first = rig({ gzip: true, sync_ms: 1000 })
  const ends: number[] = []
  for (const lines of [['a'], ['b', 'c'], ['d']]) {
    const written = Promise.all(lines.map((line) => first.write(path, [line])))
    first.clock.advance(1000)
    await written
    ends.push((await stat(path)).size)
  }
  await first.output.close()
  const bytes = await readFile(path)
  assert.deepEqual(await linesOf(path), ['a', 'b', 'c', 'd'])
  const members = (length: number) => ends.filter((end) => end <= length).length
  const kept = [[], ['a'], ['a', 'b', 'c'], ['a', 'b', 'c', 'd']]
  for (let length = 0; length < bytes.length; length++) {
    await writeFile(path, bytes.subarray(0, length))
    const { output, write } = rig({ gzip: true })
    await write(path, ['new'])
    await output.close()
    assert.deepEqual(await linesOf(path), [...kept[members(length)], 'new'], `cut at ${length}`)
  }
  const damaged = Buffer.from(bytes)
  damaged[damaged.length - 12] ^= 255
  await writeFile(path, Buffer.concat([damaged, Buffer.alloc(100)]))
  const { output, write } = rig({ gzip: true })
  await write(path, ['new'])
  await output.close()
  assert.deepEqual(await linesOf(path), ['a', 'b', 'c', 'new'])
})

test('files rotate by size to numbers that count up and never change', async () => {
  for (const [gzip, names] of [
    [false, ['x', 'x.1', 'x.2', 'x.7', 'x.8']],
    [true, ['x.1.gz', 'x.2.gz', 'x.7.gz', 'x.8.gz', 'x.gz']],
  ] as const) {
    const sub = await mkdtemp(join(folder, 'rotate-'))
    const path = join(sub, gzip ? 'x.gz' : 'x')
    const { output, write } = rig({ gzip, rotate: { max_bytes: gzip ? 50 : 15 } })
    await write(path, ['a'])
    await write(path, ['b'])
    await write(path, ['c'])
    await writeFile(join(sub, gzip ? 'x.7.gz' : 'x.7'), '')
    await write(path, ['d'])
    await output.close()
    assert.deepEqual((await readdir(sub)).sort(), names)
    const at = (number: number) => linesOf(join(sub, gzip ? `x.${number}.gz` : `x.${number}`))
    assert.deepEqual([await at(1), await at(2), await at(8), await linesOf(path)], [['a'], ['b'], ['c'], ['d']])
  }
})

test('files rotate by age, also when begun by an earlier run', async () => {
  const path = join(folder, 'x')
  const clock = new ManualClock(Date.now())
  const first = rig({ rotate: { interval_s: 60 } }, clock)
  await first.write(path, ['a'])
  clock.advance(59_000)
  await first.write(path, ['b'])
  await first.output.close()
  clock.advance(2_000)
  const second = rig({ rotate: { interval_s: 60 } }, clock)
  await second.write(path, ['c'])
  await second.output.close()
  assert.deepEqual([await linesOf(`${path}.1`), await linesOf(path)], [['a', 'b'], ['c']])
})

test('a file that somebody moves, removes or truncates is gone on with', async () => {
  const path = join(folder, 'x')
  const { output, write } = rig()
  await write(path, ['a'])
  await rename(path, join(folder, 'moved'))
  await write(path, ['b'])
  await copyFile(path, join(folder, 'copied'))
  await truncate(path)
  await write(path, ['c'])
  assert.deepEqual(await linesOf(path), ['c'])
  await rm(path)
  await write(path, ['d'])
  await output.close()
  assert.deepEqual([await linesOf(join(folder, 'moved')), await linesOf(join(folder, 'copied')), await linesOf(path)], [['a'], ['b'], ['d']])
})

test('a device takes bytes without a sync; its errors come out with path and code', async () => {
  const { output, write } = rig()
  await write('/dev/null', ['a'])
  await assert.rejects(write('/dev/full', ['a']), { code: 'ENOSPC', message: /^\/dev\/full: ENOSPC/ })
  await assert.rejects(write(folder, ['a']), { code: 'EISDIR' })
  await output.close()
})

test('an aborted write that is not in the file yet never gets there; one that is, is not written twice', async () => {
  const path = join(folder, 'x')
  const { output, clock, write } = rig({ sync_ms: 1000 })
  await write(path, ['a'])
  const abort = new AbortController()
  const second = write(path, ['b'], abort.signal, 'same')
  await until(async () => (await linesOf(path)).length === 2)
  abort.abort(new Error('stop'))
  await assert.rejects(second, /stop/)
  const again = write(path, ['b'], undefined, 'same')
  clock.advance(1000)
  await again

  const late = new AbortController()
  const third = write(path, ['c'], late.signal, 'late')
  await until(async () => (await linesOf(path)).length === 3)
  late.abort(new Error('stop'))
  await assert.rejects(third, /stop/)
  await until(() => clock.sleepers === 1)
  clock.advance(1000)
  await write(path, ['c'], undefined, 'late')
  await assert.rejects(write(path, ['never'], AbortSignal.abort(new Error('stop'))), /stop/)
  await output.close()
  assert.deepEqual(await linesOf(path), ['a', 'b', 'c'])
})

test('gzip: an aborted write that waits for its member is taken out of it', async () => {
  const path = join(folder, 'x.gz')
  const { output, write } = rig({ gzip: true, sync_ms: 1000 })
  await write(path, ['a'])
  const abort = new AbortController()
  const second = write(path, ['b'], abort.signal)
  const third = write(path, ['c'])
  abort.abort(new Error('stop'))
  await assert.rejects(second, /stop/)
  await output.close()
  await third
  assert.deepEqual(await linesOf(path), ['a', 'c'])
})

test('disk faults of every kind, retried under the same id: every line is there once and whole', async () => {
  const step = fc.record({
    fault: fc.constantFrom('none', 'none', 'none', 'writev', 'short', 'datasync', 'truncate', 'stat', 'sync', 'open'),
    lines: fc.integer({ min: 1, max: 4 }),
  })
  await fc.assert(
    fc.asyncProperty(fc.boolean(), fc.boolean(), fc.array(step, { maxLength: 12 }), async (gzip, rotate, steps) => {
      const sub = await mkdtemp(join(folder, 'faults-'))
      const path = join(sub, gzip ? 'x.gz' : 'x')
      let failing = new Set<string>()
      const disk = faulty(async (method, call, args) => {
        if (!failing.has(method)) return call()
        if (method === 'writev' && failing.has('short')) {
          // Some of the bytes get there, as on a full disk.
          failing.delete('short')
          const [[first]] = args as [Uint8Array[]]
          await appendFile(path, first.subarray(0, first.length >> 1))
          throw fault('ENOSPC')
        }
        throw fault('EIO')
      })
      const { output, write } = rig({ gzip, disk, rotate: rotate ? { max_bytes: 60 } : {} })
      const sent: string[] = []
      for (const [i, { fault: kind, lines }] of steps.entries()) {
        failing = new Set(kind === 'truncate' ? ['datasync', 'truncate'] : kind === 'short' ? ['writev', 'short', 'truncate'] : [kind])
        const names = Array.from({ length: lines }, (_, k) => `${i}.${k}`)
        sent.push(...names)
        const attempts = names.map((name) =>
          write(path, [name], undefined, `${sub}${name}`).then(
            () => undefined,
            () => name,
          ),
        )
        const failed = (await Promise.all(attempts)).filter((name) => name !== undefined)
        failing = new Set()
        await Promise.all(failed.map((name) => write(path, [name], undefined, `${sub}${name}`)))
      }
      await output.close()
      const files = (await readdir(sub)).map((name) => join(sub, name))
      const found = (await Promise.all(files.map(linesOf))).flat()
      assert.deepEqual(found.sort(), sent.sort())
    }),
    {
      numRuns: 60,
      // What could not be cut back must not be rotated away either.
      examples: [
        [
          false,
          true,
          [
            { fault: 'none', lines: 3 },
            { fault: 'truncate', lines: 3 },
          ],
        ],
      ],
    },
  )
})
