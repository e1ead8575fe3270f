import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Ajv } from 'ajv'
import { configSchema } from './config-schema.ts'
import { closed, coerce, conditions, forEditors, type Schema } from './schema.ts'

const schema: Schema = {
  type: 'object',
  properties: {
    max_bytes: { type: 'integer' },
    on: { type: 'boolean' },
    text: { type: 'string' },
    threads: { anyOf: [{ const: 'auto' }, { type: 'integer' }] },
    rotate: { type: 'object', properties: { max_bytes: { type: 'integer' } } },
    sizes_bytes: { type: 'array', items: { type: 'integer' } },
    fields: { type: 'object', additionalProperties: { type: ['string', 'integer'] } },
    when: { type: 'string', format: 'when' },
    whens: { type: 'array', items: { type: 'string', format: 'when' } },
  },
}

test('sizes become numbers where the name says bytes and the schema wants a number', () => {
  const data = { max_bytes: '64KiB', rotate: { max_bytes: '1MB' }, sizes_bytes: ['1KB', 2], fields: { x_bytes: '1KB' }, text: '1KB' }
  coerce(schema, data, '', () => false)
  assert.deepEqual(data, { max_bytes: 65_536, rotate: { max_bytes: 1e6 }, sizes_bytes: [1000, 2], fields: { x_bytes: '1KB' }, text: '1KB' })
})

test('only what came from a variable is read as a number or boolean', () => {
  const data = { max_bytes: '5', on: 'true', text: '5', threads: '2' }
  const written = structuredClone(data)
  coerce(schema, written, '', () => false)
  assert.deepEqual(written, data)
  coerce(schema, data, '', () => true)
  assert.deepEqual(data, { max_bytes: 5, on: true, text: '5', threads: 2 })
})

test('conditions are found by their format', () => {
  const found = conditions(schema, { when: 'a', whens: ['b', 'c'], text: 'd' }, '/x')
  assert.deepEqual(found, [
    { at: '/x/when', text: 'a' },
    { at: '/x/whens/0', text: 'b' },
    { at: '/x/whens/1', text: 'c' },
  ])
})

test('closing refuses unknown keys at every depth, but not in branches that narrow', () => {
  const narrowing: Schema = { ...schema, oneOf: [{ properties: { on: { const: true } }, required: ['on'] }] }
  const validate = new Ajv({ formats: { when: true }, allowUnionTypes: true }).compile(closed(narrowing))
  assert.ok(validate({ on: true, text: 'x' }))
  assert.ok(!validate({ on: true, txt: 'x' }))
  assert.ok(!validate({ on: true, rotate: { max: 1 } }))
})

test('editors accept variables and sizes', () => {
  const validate = new Ajv({ formats: { when: true }, allowUnionTypes: true }).compile(forEditors(schema))
  assert.ok(validate({ max_bytes: '64KiB', on: `\${ON}`, threads: `\${THREADS}` }))
  assert.ok(!validate({ max_bytes: '64 parsecs' }))
  assert.ok(!validate({ on: 'yes' }))
})

test('the schema of the whole config is one, and tells plugins apart', async () => {
  const validate = new Ajv({ formats: { when: true }, strict: false }).compile(await configSchema())
  const config = (input: object) => ({ inputs: { air: input }, outputs: { out: { plugin: 'stdout' } }, routes: [{ from: 'air', to: 'out' }] })
  assert.ok(validate(config({ plugin: 'pcap', path: 'a.pcap' })))
  assert.ok(validate(config({ plugin: './mine', anything: 1 })))
  assert.ok(!validate(config({ plugin: 'pcap', pth: 'a.pcap' })))
  assert.ok(!validate({ ...config({ plugin: 'pcap', path: 'a' }), rutes: [] }))
})
