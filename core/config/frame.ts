/** The schema of a config but for what plugins say: the only declaration of these options. */
import type { Schema } from './schema.ts'
import { PRIORITIES } from './types.ts'

/** Default of `shipper.worker_max_bytes`, for a thread that begins before the config is known. */
export const WORKER_MAX_BYTES = 256 * 1024 * 1024

const NAME = '^[A-Za-z0-9_][A-Za-z0-9_-]{0,63}$'

/** One name, or a list of them. */
function names(description: string, least: number): Schema {
  return { description, anyOf: [{ type: 'string' }, { type: 'array', items: { type: 'string' }, minItems: least, uniqueItems: true }] }
}

function sections(description: string): Schema {
  return {
    description,
    type: 'object',
    propertyNames: { pattern: NAME },
    additionalProperties: {
      type: 'object',
      required: ['plugin'],
      properties: { plugin: { type: 'string', minLength: 1 } },
      additionalProperties: true,
    },
  }
}

export const pluginOption: Schema = { type: 'string', minLength: 1, description: "A built-in's name, `./path` from this file, or an npm package." }

export const frameSchema: Schema = {
  type: 'object',
  required: ['inputs', 'outputs', 'routes'],
  additionalProperties: false,
  properties: {
    shipper: {
      description: 'The sensor and the process as a whole.',
      type: 'object',
      default: {},
      additionalProperties: false,
      properties: {
        name: { type: 'string', minLength: 1, description: "Name of the sensor, as `observer.name` of its events. Default: the host's name." },
        data_dir: {
          type: 'string',
          minLength: 1,
          default: './data',
          description: 'Folder for checkpoints, queues and dead letters, from the folder of this file.',
        },
        threads: {
          description: 'Worker threads for decoding; 0 decodes on the main thread; auto is 0 on one core or under 512 MB of memory, else 1.',
          default: 'auto',
          anyOf: [{ const: 'auto' }, { type: 'integer', minimum: 0, maximum: 64 }],
        },
        hang_ms: { type: 'integer', minimum: 100, default: 10_000, description: 'A batch that takes a worker longer ends this worker.' },
        max_record_bytes: { type: 'integer', minimum: 1024, default: 1024 * 1024, description: 'Longer records are skipped and counted.' },
        shutdown_ms: { type: 'integer', minimum: 0, default: 10_000, description: 'Time that outputs get to finish on stop.' },
        mark_clock: {
          enum: ['unsynced', 'always', 'never'],
          default: 'unsynced',
          description: "Which events say the state of the sensor's clock (event.clock.state): those read while it was not synced, all, or none.",
        },
        max_daily_write_bytes: {
          type: 'integer',
          minimum: 1024 * 1024,
          description:
            'Most bytes that the queues write to disk in 24 hours, to spare SD cards; beyond, what waits stays in memory. Default: no limit.',
        },
        worker_max_bytes: { type: 'integer', minimum: 16 * 1024 * 1024, default: WORKER_MAX_BYTES, description: "Limit of a worker's heap." },
      },
    },
    inputs: { ...sections('Where records come from, by name.'), minProperties: 1 },
    filters: { ...sections('What is done to events, by name.'), default: {} },
    outputs: { ...sections('Where events go, by name.'), minProperties: 1 },
    routes: {
      description: 'Which events of which inputs go through which filters to which outputs.',
      type: 'array',
      minItems: 1,
      items: {
        type: 'object',
        required: ['from', 'to'],
        additionalProperties: false,
        properties: {
          from: names('Inputs.', 1),
          through: { ...names('Filters, in order.', 0), default: [] },
          when: {
            type: 'string',
            format: 'when',
            description: "Condition in Wireshark's display-filter syntax, on the event behind the last filter.",
          },
          to: names('Outputs.', 1),
          priority: {
            enum: [...PRIORITIES],
            default: 'normal',
            description: 'What waits in the queues of its outputs goes before what is lower, and is dropped after it.',
          },
        },
      },
    },
    tests: {
      description: 'Captures that `wherry test` sends through the routes, and how many events must arrive.',
      type: 'array',
      default: [],
      items: {
        type: 'object',
        required: ['name', 'input', 'capture', 'expect'],
        additionalProperties: false,
        properties: {
          name: { type: 'string', minLength: 1, description: 'What the test shows.' },
          input: { type: 'string', description: 'Input whose routes are taken.' },
          capture: { type: 'string', minLength: 1, description: 'Capture file, from the folder of this file.' },
          expect: { type: 'object', minProperties: 1, additionalProperties: { type: 'integer', minimum: 0 }, description: 'Events for each output.' },
        },
      },
    },
  },
}

/** Options that every input has. */
const inputOptions: Readonly<Record<string, Schema>> = {
  clock_wait_s: {
    type: 'integer',
    minimum: 0,
    maximum: 86_400,
    default: 0,
    description:
      'For sensors without a clock battery: while the clock is not synced, reading waits until so many seconds after the boot. When the clock is then set ahead, records of this boot from before get right times; their ids keep the recorded ones. What comes through a pipe waits there.',
  },
}

/** Options that every output has. */
const outputOptions: Readonly<Record<string, Schema>> = {
  queue: {
    description: 'What waits for the output.',
    type: 'object',
    default: {},
    properties: {
      kind: {
        enum: ['memory', 'disk', 'spill'],
        description:
          'Where it waits: memory; disk, always; or spill, in memory until the output is down or slow. Default: memory where the output is alone on its inputs, else spill.',
      },
      max_bytes: {
        type: 'integer',
        minimum: 64 * 1024,
        description:
          'Most that waits, in memory and on disk. Space on disk comes free a segment at a time, so up to an eighth more is taken there, for each priority. Default: 32 MiB for memory, 256 MiB for disk and spill.',
      },
      memory_bytes: {
        type: 'integer',
        minimum: 64 * 1024,
        default: 16 * 1024 * 1024,
        description: 'For disk and spill: most that waits in memory without being on disk.',
      },
      max_age_h: {
        type: 'number',
        exclusiveMinimum: 0,
        description: 'What has waited longer, in hours while Wherry ran, is dropped. Default: nothing is too old.',
      },
      on_full: {
        enum: ['wait', 'drop_oldest', 'drop_newest'],
        default: 'wait',
        description: 'What happens at the limits: the inputs of the output are held, or events are dropped and counted, those of low priority first.',
      },
      fsync: {
        enum: ['always', 'interval', 'never'],
        default: 'interval',
        description: 'When what is written is synced, and only then settled. With never, a power cut loses what the system had not written yet.',
      },
      fsync_ms: { type: 'integer', minimum: 1, default: 1000, description: 'Longest time between syncs for fsync: interval.' },
    },
  },
  batch: {
    description: 'How much is sent at once.',
    type: 'object',
    default: {},
    properties: {
      max_events: { type: 'integer', minimum: 1, default: 2048, description: 'Most events.' },
      max_bytes: { type: 'integer', minimum: 1024, default: 1024 * 1024, description: 'Most bytes, but always one event.' },
    },
  },
  linger_ms: { type: 'integer', minimum: 0, default: 200, description: 'Longest wait for a fuller batch; 0 sends as soon as the output is idle.' },
  retry: {
    description: 'Pauses between attempts; they double, with jitter.',
    type: 'object',
    default: {},
    properties: {
      initial_ms: { type: 'integer', minimum: 1, default: 500, description: 'First pause.' },
      max_ms: { type: 'integer', minimum: 1, default: 60_000, description: 'Longest pause.' },
    },
  },
}

const commonOptions = { input: inputOptions, filter: {}, output: outputOptions }

/** The schema of a whole section: the plugin's own options and those of its kind. */
export function sectionSchema(kind: 'input' | 'filter' | 'output', config: Schema): Schema {
  const common = commonOptions[kind]
  return {
    ...config,
    type: 'object',
    required: ['plugin', ...(config.required ?? [])],
    properties: { plugin: pluginOption, ...(config.properties ?? {}), ...common },
  }
}

/** Names that a plugin of a kind cannot give to options of its own. */
export function takenOptions(kind: 'input' | 'filter' | 'output'): string[] {
  return ['plugin', ...Object.keys(commonOptions[kind])]
}
