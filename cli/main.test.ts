/** The program as people run it, in a folder of its own. */
import assert from 'node:assert/strict'
import { type SpawnOptions, spawn } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, test } from 'node:test'
import { packageRoot } from '../core/config/root.ts'
import { pcapHeader, pcapRecord } from '../core/formats/pcap-write.ts'
import { capture as traffic } from '../plugins/inputs/generate/write.ts'
import { program } from '../test/program.ts'

const folder = mkdtempSync(join(tmpdir(), 'wherry-'))
after(() => rmSync(folder, { recursive: true }))

interface Ended {
  readonly code: number | null
  readonly out: string
  readonly err: string
}

function start(args: readonly string[], options: SpawnOptions = {}) {
  // Under the variable of its parent, a test runner within would report to it.
  const env = { ...process.env, ...options.env, NODE_TEST_CONTEXT: undefined }
  return spawn(process.execPath, args, { cwd: folder, ...options, env, stdio: 'pipe' })
}

async function run(args: readonly string[], options?: SpawnOptions): Promise<Ended> {
  const child = start(args, options)
  let out = ''
  let err = ''
  child.stdout.on('data', (data) => (out += data))
  child.stderr.on('data', (data) => (err += data))
  child.stdin.end()
  const code = await new Promise<number | null>((resolve) => child.on('close', resolve))
  return { code, out, err }
}

function wherry(args: readonly string[], options?: SpawnOptions): Promise<Ended> {
  return run([program, ...args], options)
}

function put(name: string, text: string): void {
  writeFileSync(join(folder, name), text)
}

/** Beacons with empty bodies, one a second. */
function capture(name: string, frames: number): void {
  const packet = new Uint8Array(36)
  packet[0] = 0x80
  const records = Array.from({ length: frames }, (_, n) => pcapRecord(packet, 1_700_000_000 + n, 0))
  writeFileSync(join(folder, name), Buffer.concat([pcapHeader(105), ...records]))
}

const SAMPLE = `shipper: { data_dir: ./data, threads: 0, name: "\${SENSOR:roof}" }
inputs: { air: { plugin: generate, frames: 500, rate: 0 } }
filters: { decode: { plugin: ieee80211 } }
outputs: { archive: { plugin: file, path: ./out.ndjson } }
routes: [{ from: air, through: decode, to: archive }]
tests: [{ name: beacons arrive, input: air, capture: three.pcap, expect: { archive: COUNT } }]
`

describe('the command line', { concurrency: 2 }, () => {
  put('shipper.yml', SAMPLE.replace('COUNT', '3'))
  put('failing.yml', SAMPLE.replace('COUNT', '4'))
  put('wrong.yml', SAMPLE.replace('plugin: file', 'plugin: fiel').replace('COUNT', '1'))
  capture('three.pcap', 3)

  test('the version is the package’s', async () => {
    const { version } = JSON.parse(readFileSync(new URL('package.json', packageRoot()), 'utf8'))
    assert.deepEqual(await wherry(['--version']), { code: 0, out: `${version}\n`, err: '' })
  })

  test('mistakes on the command line end with 2', async () => {
    for (const args of [
      ['rnu'],
      ['run', '--onec'],
      ['decode'],
      ['--log-level', 'loud', 'check'],
      ['new', 'thing', 'x'],
      ['plugins', 'nothing'],
      ['decode', 'none.pcap'],
    ]) {
      const { code, out, err } = await wherry(args)
      assert.deepEqual([code, out], [2, ''], args.join(' '))
      assert.notEqual(err, '')
    }
  })

  test('check ends with 0 or 2, and puts the place before the words', async () => {
    const fine = await wherry(['check'])
    assert.deepEqual([fine.code, fine.out], [0, ''])
    const { code, out, err } = await wherry(['check', '-c', 'wrong.yml'])
    assert.deepEqual([code, out], [2, ''])
    assert.match(err, /^wrong\.yml:4:31 outputs\.archive\.plugin: .*did you mean file\?\)$/m)
    assert.equal((await wherry(['check', '-c', 'none.yml'])).code, 2)
  })

  test('problems are JSON lines where the log is', async () => {
    const { code, err } = await wherry(['check', '-c', 'wrong.yml', '--log-format', 'json'])
    assert.equal(code, 2)
    const [problem] = err
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))
    assert.deepEqual(
      [problem.level, problem.file, problem.line, problem.column, problem.path],
      ['error', 'wrong.yml', 4, 31, 'outputs.archive.plugin'],
    )
  })

  test('check --connect tries inputs and outputs', async () => {
    put('connect.yml', SAMPLE.replace('generate, frames: 500, rate: 0', 'pcap, path: .').replace('./data,', './data-connect,').replace('COUNT', '3'))
    const { code, err } = await wherry(['check', '-c', 'connect.yml', '--connect'])
    assert.equal(code, 1)
    assert.match(err, /^input air: .* is a folder/m)
    assert.match(err, /^output archive: reached$/m)
  })

  test('run --once delivers all and prints a balance', async () => {
    put('once.yml', SAMPLE.replace('./data,', './data-once,').replace('./out.ndjson', './once.ndjson').replace('COUNT', '3'))
    const { code, out, err } = await wherry(['run', '-c', 'once.yml', '--once'])
    assert.deepEqual([code, out], [0, ''], err)
    assert.match(err, /^air +500 +500 +0$/m)
    assert.match(err, /^1 from air +archive +500 +500$/m)
    assert.equal(readFileSync(join(folder, 'once.ndjson'), 'utf8').trim().split('\n').length, 500)
    const listed = await wherry(['checkpoint', 'ls', '-c', 'once.yml'])
    const { input, stream } = JSON.parse(listed.out)
    assert.equal(input, 'air')
    assert.deepEqual(await wherry(['checkpoint', 'set', 'air', stream, 'start', '-c', 'once.yml']), { code: 0, out: '', err: '' })
    assert.equal(JSON.parse((await wherry(['checkpoint', 'ls', '-c', 'once.yml'])).out).position, 'start')
    assert.match((await wherry(['queue', 'ls', '-c', 'once.yml'])).out, /^archive +memory/m)
  })

  test('a signal stops a run, which ends with 0', async () => {
    put(
      'live.yml',
      SAMPLE.replace('frames: 500, rate: 0', 'rate: 100').replace('./data,', './data-live,').replace('./out', './live').replace('COUNT', '3'),
    )
    const child = start([program, 'run', '-c', 'live.yml'])
    const written = join(folder, 'live.ndjson')
    const poll = setInterval(() => {
      if (!existsSync(written)) return
      clearInterval(poll)
      child.kill('SIGTERM')
    }, 20)
    const code = await new Promise((resolve) => child.on('close', resolve))
    assert.equal(code, 0)
  })

  test('test runs the captures of the config', async () => {
    assert.deepEqual(await wherry(['test']), { code: 0, out: 'ok beacons arrive\n', err: '1 test, 0 failed\n' })
    const { code, out } = await wherry(['test', '-c', 'failing.yml'])
    assert.deepEqual([code, out], [1, 'not ok beacons arrive\n  archive: 4 events expected, 3 came\n'])
  })

  test('decode prints one line for each packet, in order', async () => {
    const { code, out, err } = await wherry(['decode', 'three.pcap', 'three.pcap'])
    assert.deepEqual([code, err], [0, ''])
    const numbers = out
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line).frame.number)
    assert.deepEqual(numbers, [1, 2, 3, 1, 2, 3])
    const some = await wherry(['decode', '--when', 'frame.number > 2', 'three.pcap'])
    assert.equal(some.out.split('\n').length, 2)
  })

  test('decode gives the same without WebAssembly', async () => {
    const chunks = [...traffic({ seed: 5, networks: 4, clients: 9, rate: 0, frames: 1500, start_ms: 1_735_689_600_000 })]
    writeFileSync(join(folder, 'traffic.pcap'), Buffer.concat(chunks.map(({ bytes }) => bytes)))
    const decode = [program, 'decode', 'traffic.pcap']
    const [fast, slow] = [await run(decode), await run(['--jitless', ...decode])]
    assert.equal(fast.out.trim().split('\n').length, 1500)
    assert.equal(slow.out, fast.out)
  })

  test('decode shows where a condition is wrong', async () => {
    const { code, err } = await wherry(['decode', '--when', 'frame.len > 5 and frame.leng < 9', 'three.pcap'])
    assert.equal(code, 2)
    assert.match(err, /did you mean frame\.len\?\)\n {2}frame\.len > 5 and frame\.leng < 9\n {20}\^{10}\n/)
  })

  test('decode ends quietly when nobody reads on', async () => {
    capture('many.pcap', 20_000)
    const child = start([program, 'decode', 'many.pcap'])
    let err = ''
    child.stderr.on('data', (data) => (err += data))
    child.stdout.once('data', () => child.stdout.destroy())
    const code = await new Promise((resolve) => child.on('close', resolve))
    assert.deepEqual([code, err], [0, ''])
  })

  test('secrets are masked', async () => {
    put('secret.yml', SAMPLE.replace('./out.ndjson', `"\${TARGET}/out.ndjson"`).replace('./data,', './data-secret,').replace('COUNT', '3'))
    put('a-file', '')
    const { err } = await wherry(['check', '--connect', '-c', 'secret.yml'], { env: { TARGET: './a-file/hunter2hunter2' } })
    assert.ok(!err.includes('hunter2'), err)
  })

  test('what new makes loads, checks and passes the kit', async () => {
    // The kit as an installed package, whether this is compiled or not.
    mkdirSync(join(folder, 'node_modules/wherry'), { recursive: true })
    const kit = new URL(`../test/kit/index${import.meta.url.slice(import.meta.url.lastIndexOf('.'))}`, import.meta.url).href
    put('node_modules/wherry/package.json', '{"name":"wherry","type":"module","exports":{"./kit":"./kit.js"}}')
    put('node_modules/wherry/kit.js', `export * from ${JSON.stringify(kit)}\n`)
    for (const kind of ['input', 'filter', 'output']) {
      assert.equal((await wherry(['new', kind, `my-${kind}`])).code, 0)
      assert.equal((await wherry(['new', kind, `my-${kind}`])).code, 2)
    }
    put(
      'mine.yml',
      `inputs: { a: { plugin: ./my-input } }
filters: { f: { plugin: ./my-filter } }
outputs: { o: { plugin: ./my-output } }
routes: [{ from: a, through: f, to: o }]
`,
    )
    const { code, err } = await wherry(['check', '-c', 'mine.yml'])
    assert.equal(code, 0, err)
    const checked = await run(['--test', ...['input', 'filter', 'output'].map((kind) => `my-${kind}/index.test.mjs`)])
    assert.equal(checked.code, 0, checked.out)
  })

  test('plugins lists and describes', async () => {
    const { out } = await wherry(['plugins'])
    assert.match(out, /^filter +ieee80211 +\w/m)
    assert.match((await wherry(['plugins', 'pcap'])).out, /^follow +boolean +default true/m)
  })
})

test('run says what only building finds as check does, with a thread and without', async () => {
  for (const threads of [0, 1]) {
    const output = "plugin: fluentd, hosts: ['127.0.0.1:9'], tag: 'wifi.$${frame.comment}'"
    const sample = SAMPLE.replace('threads: 0', `threads: ${threads}`).replace('COUNT', '500')
    put(
      'tag.yml',
      sample.replace('plugin: file, path: ./out.ndjson', () => output),
    )
    const [checked, ran] = [await wherry(['check', '-c', 'tag.yml']), await wherry(['run', '--once', '-c', 'tag.yml'])]
    assert.match(ran.err, /tag\.yml:4:\d+ outputs\.archive: frame\.comment has no single text/)
    assert.deepEqual([ran.code, ran.err], [2, checked.err])
  }
})

test('explain says how a condition is read, and shows what is wrong with one', async () => {
  const good = await wherry(['explain', 'wlan.tag.number != 221 && wlan.ssid'])
  assert.equal(good.code, 0, good.err)
  assert.match(good.out, /wlan\.tag\.number differs from 221, for all of its values/)
  assert.match(good.out, /^wlan\.ssid +text /m)
  const bad = await wherry(['explain', 'frame.len == 1 && wlan.sid'])
  assert.equal(bad.code, 2)
  assert.equal(
    bad.err,
    'wherry: condition: there is no field wlan.sid (did you mean wlan.ssid?)\n  frame.len == 1 && wlan.sid\n                    ^^^^^^^^\n',
  )
})
