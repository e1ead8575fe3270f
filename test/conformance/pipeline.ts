/** Captures through the decoder into outputs of test/plugins. */
import type { Ran } from '../../cli/captures.ts'
import { loadConfigText } from '../../core/config/load.ts'
import { buildPipelines } from '../../core/worker/setup.ts'

const extension = import.meta.url.slice(import.meta.url.lastIndexOf('.'))
const sensor = { name: 'test', id: 'test' }

/** A pipeline from capture records through `ieee80211`, and filters by name behind it, to outputs, in their order. */
export async function pipelineOf(emit: string | readonly string[], outputs: readonly string[], filters: Readonly<Record<string, object>> = {}) {
  const plugin = (name: string) => new URL(`../plugins/${name}${extension}`, import.meta.url).pathname
  const text = JSON.stringify({
    inputs: { file: { plugin: 'pcap', path: '-', statistics: false } },
    filters: { decode: { plugin: 'ieee80211', emit }, ...filters },
    outputs: Object.fromEntries(outputs.map((name) => [name, { plugin: plugin(name) }])),
    routes: [{ from: 'file', through: ['decode', ...Object.keys(filters)], to: outputs }],
  })
  const { config, plugins, problems } = await loadConfigText('test', text, process.cwd(), { env: {}, once: true })
  if (!config) throw new Error(problems.map(({ message }) => message).join('\n'))
  return { pipeline: buildPipelines({ config, sensor }, plugins, (bytes) => new ArrayBuffer(bytes))[0], sensor }
}

/** The text that a run wrote for an output, by its place. */
export function body({ result, memory }: Ran, output: number): string {
  const part = result.parts.find((each) => each.output === output)
  return part ? Buffer.from(memory!, part.body, part.length).toString() : ''
}
