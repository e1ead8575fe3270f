/** The files that `wherry new` writes. */
import type { PluginKind } from '../core/config/plugins.ts'

const filter = `const config = /** @type {const} */ ({
  type: 'object',
  properties: {
    limit_dbm: { type: 'integer', default: -70, description: 'Weakest signal that passes.' },
  },
})

/**
 * A filter that sets fields of its own declares them: import { fieldTable } from 'wherry', then fields: [table].
 * @satisfies {import('wherry').FilterPlugin<typeof config>}
 */
const plugin = {
  kind: 'filter',
  summary: 'Keeps frames that are not weak; those without a signal pass.',
  config,
  create: ({ limit_dbm }, { fields }) => {
    const known = fields.find('wlan_radio.signal_dbm') !== undefined
    return {
      // Called for every event; false drops it. The event is reused for the next record: keep nothing of it.
      apply(event) {
        const signal = known ? event.get('wlan_radio.signal_dbm') : undefined
        return typeof signal !== 'number' || signal >= limit_dbm
      },
    }
  },
}

export default plugin
`

const input = `const config = /** @type {const} */ ({
  type: 'object',
  properties: {
    count: { type: 'integer', minimum: 1, default: 10, description: 'Records to make.' },
  },
})

const RECORD_BYTES = 8

/** @satisfies {import('wherry').InputPlugin<typeof config>} */
const plugin = {
  kind: 'input',
  summary: 'Counts.',
  config,
  // The same position gives the same records again.
  replayable: true,

  // Main thread: reads whole records. Import what does I/O in here.
  create: ({ count }, context) => ({
    async *read() {
      for (let n = Number(context.position('count')?.n ?? 0); n < count && !context.signal.aborted; n++) {
        const data = new Uint8Array(RECORD_BYTES)
        new DataView(data.buffer).setUint32(4, n)
        yield { stream: 'count', data, offset: n * RECORD_BYTES, records: 1, next: { n: n + 1 } }
      }
    },
  }),

  // Worker thread: turns records into events. Bad bytes are a \`reject\`, never a throw.
  decoder: () => ({
    decode(batch, records) {
      for (let at = 0; at + RECORD_BYTES <= batch.data.length; at += RECORD_BYTES) {
        const event = records.open(at, RECORD_BYTES)
        if (!event) continue
        const n = (batch.data[at + 4] << 24) | (batch.data[at + 5] << 16) | (batch.data[at + 6] << 8) | batch.data[at + 7]
        event.record(n, 0, batch.key, batch.offset + at)
        event.set('event.kind', 'event')
        event.set('event.dataset', 'count')
        records.emit()
      }
    },
  }),
}

export default plugin
`

const output = `const config = /** @type {const} */ ({
  type: 'object',
  properties: {
    prefix: { type: 'string', default: '', description: 'Text before each id.' },
  },
})

/** @satisfies {import('wherry').OutputPlugin<typeof config>} */
const plugin = {
  kind: 'output',
  summary: 'Prints the ids of events.',
  config,

  // Worker thread: appends one event to a body.
  encoder: ({ prefix }) => ({
    format: 'ids/1',
    write(event, into) {
      into.text(\`\${prefix}\${event.get('event.id')}\\n\`)
    },
  }),

  // Main thread: resolving is the ack. Import what does I/O in here.
  create: () => ({
    write: ({ body }) =>
      new Promise((resolve, reject) => {
        process.stdout.write(body, (error) => (error ? reject(error) : resolve()))
      }),
  }),
}

export default plugin
`

export const sources: Readonly<Record<PluginKind, string>> = { filter, input, output }

/** A test by the kit, which knows what every plugin of a kind must do. */
export function testSource(kind: PluginKind): string {
  const sample = kind === 'input' ? `{ cases: [{ name: 'ten', prepare: () => ({ config: { count: 10 } }) }] }` : '{ configs: [{}] }'
  return `import { checkPlugin } from 'wherry/kit'
import plugin from './index.mjs'

checkPlugin(plugin, { folder: import.meta.dirname, sample: ${sample} })
`
}

export function readme(kind: PluginKind, name: string): string {
  return `# ${name}

What this ${kind} does, in a sentence or two.

\`\`\`yaml
${kind}s:
  mine: { plugin: ./${name} }
\`\`\`

\`npm install --save-dev wherry && node --test\` checks it.
`
}
