/** Which records of a capture match which conditions: by our own language, and by the installed tshark. */
import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { readCapture, runBatches } from '../../cli/captures.ts'
import { loadConfigText } from '../../core/config/load.ts'
import { buildPipelines } from '../../core/worker/setup.ts'
import { memoryLog } from '../plugins/config.ts'
import { body } from './pipeline.ts'

const extension = import.meta.url.slice(import.meta.url.lastIndexOf('.'))

/** For each expression the `frame.number`s that match. */
export type Matches = number[][]

/** By the pipeline of a user: pcap input, `ieee80211`, a condition. */
export async function ourMatches(path: string, conditions: readonly string[]): Promise<Matches> {
  const sensor = { name: 'test', id: 'test' }
  const text = JSON.stringify({
    inputs: { file: { plugin: 'pcap', path: '-', statistics: false } },
    filters: { decode: { plugin: 'ieee80211' } },
    outputs: { matches: { plugin: new URL(`../plugins/conditions${extension}`, import.meta.url).pathname, conditions } },
    routes: [{ from: 'file', through: 'decode', to: 'matches' }],
  })
  const { config, plugins, problems } = await loadConfigText('test', text, process.cwd(), { env: {}, once: true })
  if (!config) throw new Error(problems.map(({ message }) => message).join('\n'))
  const [pipeline] = buildPipelines({ config, sensor }, plugins, (bytes) => new ArrayBuffer(bytes))
  const options = { log: memoryLog(), signal: new AbortController().signal, max_record_bytes: 2 ** 24, statistics: false, skipped: () => undefined }
  const matches: Matches = conditions.map(() => [])
  for await (const ran of runBatches(pipeline, readCapture(path, options), sensor))
    for (const line of body(ran, 0).split('\n').filter(Boolean)) {
      const [number, places] = line.split(' ')
      if (places) for (const place of places.split(',')) matches[Number(place)].push(Number(number))
    }
  return matches
}

/** Registers a listener for each line of a file: the filters of one run of tshark, as `-Y` has one. */
const SCRIPT = `
local place = 0
for line in io.lines(os.getenv("WHERRY_FILTERS")) do
  local at = place
  place = place + 1
  local ok, listener = pcall(Listener.new, "frame", line)
  if ok then
    function listener.packet(pinfo) print("match " .. at .. " " .. pinfo.number) end
  else
    print("refused " .. at)
  end
end
`

/** By the installed tshark; undefined for what it refuses. @throws when there is no tshark, or one without Lua */
export async function tsharkMatches(path: string, filters: readonly string[]): Promise<(number[] | undefined)[]> {
  const folder = mkdtempSync(join(tmpdir(), 'wherry-filters-'))
  try {
    writeFileSync(join(folder, 'filters'), `${filters.join('\n')}\n`)
    writeFileSync(join(folder, 'filters.lua'), SCRIPT)
    const run = promisify(execFile)('tshark', ['-r', path, '-q', '-X', `lua_script:${join(folder, 'filters.lua')}`], {
      maxBuffer: 2 ** 30,
      env: { ...process.env, TZ: 'UTC', WHERRY_FILTERS: join(folder, 'filters') },
    })
    // A capture that ends within a record is an error to tshark, told after the records.
    const { stdout, code } = await run.catch((error: { stdout: string; code: unknown }) => error).then((done) => ({ code: undefined, ...done }))
    if (code === 'ENOENT') throw new Error('tshark is not installed')
    const matches: (number[] | undefined)[] = filters.map(() => [])
    for (const line of stdout.split('\n')) {
      const [what, place, number] = line.split(' ')
      if (what === 'refused') matches[Number(place)] = undefined
      else if (what === 'match') matches[Number(place)]?.push(Number(number))
    }
    return matches
  } finally {
    rmSync(folder, { recursive: true })
  }
}
