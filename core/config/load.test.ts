import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import fc from 'fast-check'
import { loadConfig, loadConfigText } from './load.ts'
import { problemText } from './problems.ts'

const folder = mkdtempSync(join(tmpdir(), 'wherry-'))
after(() => rmSync(folder, { recursive: true }))

const NONE = { env: {}, once: false }

/** A filter plugin as a third party would write it. */
const FILTER = `export default {
  kind: 'filter',
  summary: 'Does nothing.',
  config: { type: 'object', properties: { depth: { type: 'integer', default: 3, description: 'Depth.' } } },
  create: () => ({ apply() {} }),
}
`

function put(path: string, text: string): void {
  mkdirSync(join(folder, path, '..'), { recursive: true })
  writeFileSync(join(folder, path), text)
}

const withFilter = (plugin: string) => `inputs: { air: { plugin: pcap, path: a.pcap } }
filters: { mine: { plugin: ${plugin} } }
outputs: { out: { plugin: stdout } }
routes: [{ from: air, through: mine, to: out }]
`

test('a config comes out whole: defaults, sizes, variables, lists, absolute paths', async () => {
  const text = `shipper: { name: "\${NAME}", threads: "\${THREADS:2}", max_record_bytes: 2MiB }
inputs: { air: { plugin: pcap, path: a.pcap } }
outputs: { out: { plugin: stdout, queue: { max_bytes: 64MiB } } }
routes: [{ from: air, to: out }]
tests: [{ name: t, input: air, capture: cases/a.pcap, expect: { out: 1 } }]
`
  const { config, fields, problems, secrets } = await loadConfigText('a.yml', text, folder, { env: { NAME: 'roof' }, once: false })
  assert.deepEqual(problems.map(problemText), [])
  const { shipper, inputs, outputs, routes, tests } = config!
  assert.equal(shipper.name, 'roof')
  assert.equal(shipper.threads, 2)
  assert.equal(shipper.max_record_bytes, 2 * 1024 * 1024)
  assert.equal(shipper.data_dir, join(folder, 'data'))
  assert.equal(inputs[0].config.follow, true)
  assert.equal(Object.hasOwn(inputs[0].config, 'plugin'), false)
  const bytes = 64 * 1024 * 1024
  assert.deepEqual(outputs[0].queue, {
    kind: 'memory',
    max_bytes: bytes,
    memory_bytes: bytes,
    on_full: 'wait',
    fsync: 'interval',
    fsync_ms: 1000,
  })
  assert.deepEqual(outputs[0].config, {})
  assert.ok(outputs[0].batch.max_events > 0 && outputs[0].retry.max_ms > 0 && outputs[0].linger_ms >= 0)
  assert.deepEqual(routes, [{ from: ['air'], through: [], to: ['out'], priority: 'normal' }])
  assert.equal(tests[0].capture, join(folder, 'cases/a.pcap'))
  assert.ok(fields?.find('frame.len'))
  assert.deepEqual([...secrets], ['roof'])
  assert.deepEqual(JSON.parse(JSON.stringify(config)), config)
})

test('anchors and merges share options', async () => {
  const text = `inputs: { air: { plugin: pcap, path: a.pcap } }
outputs:
  one: &common { plugin: stdout, linger_ms: 7 }
  two: { <<: *common, batch: { max_events: 5 } }
routes: [{ from: air, to: [one, two] }]
`
  const { config, problems } = await loadConfigText('a.yml', text, folder, NONE)
  assert.ok(problems.every(({ severity }) => severity === 'note'))
  assert.deepEqual([config?.outputs[0].linger_ms, config?.outputs[1].linger_ms], [7, 7])
  assert.notEqual(config?.outputs[0].batch.max_events, 5)
})

test('plugins come from a file, a folder and packages', async () => {
  put('own.mjs', FILTER)
  put('own/index.mjs', FILTER)
  put('node_modules/with-main/package.json', '{"type":"module","main":"lib.js"}')
  put('node_modules/with-main/lib.js', FILTER)
  put(
    'node_modules/@some/scoped/package.json',
    '{"type":"module","exports":{".":{"types":"./x.d.ts","import":"./dist/x.js"},"./extra":"./dist/x.js"}}',
  )
  put('node_modules/@some/scoped/dist/x.js', FILTER)
  for (const plugin of ['./own.mjs', './own', 'with-main', '"@some/scoped"', '"@some/scoped/extra"', join(folder, 'own.mjs')]) {
    const { config, problems } = await loadConfigText('a.yml', withFilter(plugin), folder, NONE)
    assert.deepEqual(problems.map(problemText), [], plugin)
    assert.equal(config?.filters[0].config.depth, 3)
    assert.match(config!.filters[0].url, /^file:/)
  }
  const { problems } = await loadConfigText('a.yml', withFilter('"@some/scoped/none"'), folder, NONE)
  assert.match(problemText(problems[0]), /a\.yml:2:28 filters\.mine\.plugin: there is no filter @some\/scoped\/none/)
})

test('a TypeScript plugin is refused where Node does not run it', async () => {
  put('typed.ts', FILTER)
  const { config, problems } = await loadConfigText('a.yml', withFilter('./typed.ts'), folder, NONE)
  if ('typescript' in process.features && process.features.typescript) assert.ok(config)
  else assert.match(problemText(problems[0]), /\.\/typed\.ts is TypeScript, which Node .* does not run/)
})

test('files that cannot be read are said as such', async () => {
  put('big.yml', `# ${'x'.repeat(5 * 1024 * 1024)}`)
  for (const [file, words] of [
    ['none.yml', /none\.yml: does not exist$/],
    ['.', /: is a directory$/],
    ['big.yml', /big\.yml: is larger than/],
  ] as const) {
    const { config, problems } = await loadConfig(join(folder, file), NONE)
    assert.equal(config, undefined)
    assert.match(problems.map(problemText).join(), words)
  }
})

test('check notes which output can stop which, and what cannot be read again', async () => {
  const text = `inputs: { air: { plugin: pcap, path: "-" } }
outputs: { one: { plugin: stdout }, two: { plugin: stdout } }
routes: [{ from: air, to: [one, two] }]
`
  const { config, problems } = await loadConfigText('a.yml', text, folder, NONE)
  assert.ok(config)
  assert.deepEqual(problems.map(problemText), [
    'a.yml:1:11 inputs.air: note: cannot be read again: what waits in memory for one, two when the process dies is lost; queue.kind: disk keeps it',
    'a.yml:1:11 inputs.air: note: while one of one, two is down and its queue full, this input waits, and so do the others',
  ])
})

test('no damage to a config is a throw: there is a config or there are problems', async () => {
  const text = `shipper: { name: roof, threads: 0 }
inputs: { air: { plugin: pcap, path: [a.pcap], exclude: "b*" } }
filters: { only: { plugin: keep, when: "frame.len > 5 and wlan.fc.type == 0" } }
outputs: { out: { plugin: file, path: "%Y.ndjson", queue: { max_bytes: 1MiB } } }
routes: [{ from: air, through: only, when: frame.number, to: [out] }]
tests: [{ name: t, input: air, capture: a, expect: { out: 1 } }]
`
  const damage = fc.tuple(
    fc.nat(text.length - 1),
    fc.nat(12),
    fc.constantFrom('', '{', '}', '[', ']', ':', ' ', '\n', '"', '5', 'null', '*x', '&x ', '- ', `\${`),
  )
  await fc.assert(
    fc.asyncProperty(fc.array(damage, { minLength: 1, maxLength: 3 }), async (damages) => {
      let damaged = text
      for (const [at, length, instead] of damages) damaged = damaged.slice(0, at) + instead + damaged.slice(at + length)
      const { config, problems } = await loadConfigText('a.yml', damaged, folder, NONE)
      assert.equal(
        config === undefined,
        problems.some(({ severity }) => severity === 'error'),
      )
      for (const { line, column } of problems) assert.ok(line >= 1 && column >= 1)
    }),
    { numRuns: 60 },
  )
})
