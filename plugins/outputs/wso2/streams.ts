/** Streams as the config has them, and as the receiver wants them defined. */
import { PRESETS } from './presets.ts'

export const TYPES = ['INT', 'LONG', 'FLOAT', 'DOUBLE', 'BOOL', 'STRING'] as const
export type AttributeType = (typeof TYPES)[number]

export interface AttributeConfig {
  readonly name: string
  readonly type: AttributeType
  readonly from: string
  readonly default?: string | number | boolean
}

export interface StreamConfig {
  readonly preset?: keyof typeof PRESETS
  readonly name?: string
  readonly version?: string
  readonly nickname?: string
  readonly description?: string
  readonly tags?: readonly string[]
  readonly meta?: readonly AttributeConfig[]
  readonly correlation?: readonly AttributeConfig[]
  readonly payload?: readonly AttributeConfig[]
  readonly arbitrary?: Readonly<Record<string, string>>
  readonly when?: string
}

export interface Stream {
  readonly name: string
  readonly version: string
  /** In the order of the definition: meta, correlation, payload. */
  readonly attributes: readonly AttributeConfig[]
  /** Keys and fields. */
  readonly arbitrary: readonly (readonly [key: string, from: string])[]
  readonly when: string | undefined
  /** JSON text for `defineStream`. */
  readonly definition: string
}

/** What the first text of an event names its stream by. */
export function streamId({ name, version }: Pick<Stream, 'name' | 'version'>): string {
  return `${name}:${version}`
}

/** @throws Error when a stream is not whole, or names something twice */
export function streamsOf(configs: readonly StreamConfig[]): Stream[] {
  const streams = configs.map(streamOf)
  const definitions = new Map<string, string>()
  for (const stream of streams) {
    const { definition } = stream
    const id = streamId(stream)
    if ((definitions.get(id) ?? definition) !== definition) throw new Error(`stream ${id} is defined twice, differently`)
    definitions.set(id, definition)
  }
  return streams
}

function streamOf(config: StreamConfig): Stream {
  const whole: StreamConfig = { ...(config.preset === undefined ? {} : PRESETS[config.preset]), ...config }
  const { name, version = '1.0.0', nickname, description, tags, meta = [], correlation = [], payload = [], arbitrary = {}, when } = whole
  if (name === undefined) throw new Error('a stream needs a name or a preset')
  const attributes = [...meta, ...correlation, ...payload]
  if (attributes.length === 0) throw new Error(`stream ${name} has no attributes`)
  for (const section of [meta, correlation, payload]) {
    const twice = section.find((attribute, i) => section.findIndex((other) => other.name === attribute.name) < i)
    if (twice) throw new Error(`stream ${name} has the attribute ${twice.name} twice`)
  }
  const typed = (section: readonly AttributeConfig[]) =>
    section.length === 0 ? undefined : section.map((attribute) => ({ name: attribute.name, type: attribute.type }))
  const definition = JSON.stringify({
    name,
    version,
    nickName: nickname,
    description,
    tags,
    metaData: typed(meta),
    correlationData: typed(correlation),
    payloadData: typed(payload),
  })
  return { name, version, attributes, arbitrary: Object.entries(arbitrary), when, definition }
}
