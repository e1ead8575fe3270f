import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { test } from 'node:test'
import { Ajv } from 'ajv'
import fc from 'fast-check'
import { frameSchema, sectionSchema } from './frame.ts'
import { builtIns, KINDS, loadPlugin } from './plugins.ts'
import { closed, type Schema } from './schema.ts'
import { AJV_OPTIONS, codeOf, type Validate, validators } from './validate.ts'

const SCHEMAS: [string, Schema][] = [['frame', frameSchema]]
for (const kind of KINDS)
  for (const name of builtIns(kind))
    SCHEMAS.push([`${kind} ${name}`, closed(sectionSchema(kind, (await loadPlugin(kind, name, '.')).plugin.config as Schema))])

/** What it makes of data, and says about it. */
function judged(validate: Validate, data: unknown) {
  const copy = structuredClone(data)
  validate(copy)
  return {
    data: copy,
    errors: (validate.errors ?? []).map(({ instancePath, keyword, params, message }) => ({ instancePath, keyword, params, message })),
  }
}

/** Objects with options of the schema, right and wrong ones. */
function objects(schema: Schema): fc.Arbitrary<object> {
  const value = fc.oneof(
    fc.constantFrom<unknown>('', 'x', 'standard', 'auto', 1, -1, 1.5, true, null, [], ['x', 1], {}, { x: 1 }, [{ from: 'x', to: ['y'] }]),
    fc.jsonValue({ maxDepth: 2 }),
  )
  const options = Object.keys(schema.properties ?? {})
  return fc.dictionary(options.length === 0 ? fc.string() : fc.constantFrom(...options, 'strange'), value, { maxKeys: 6 })
}

test('the code made by the build says of every config what ajv says, and fills in the same', async () => {
  const known = validators()
  const ajv = new Ajv(AJV_OPTIONS)
  for (const [name, schema] of SCHEMAS) {
    assert.ok(existsSync(codeOf(schema)), name)
    const [ours, theirs] = [await known(schema, true), ajv.compile(schema)]
    fc.assert(
      fc.property(objects(schema), (data) => {
        assert.deepEqual(judged(ours, data), judged(theirs, data), name)
      }),
      { numRuns: 40 },
    )
  }
})

test('without such code ajv does the same', async () => {
  const schema: Schema = { type: 'object', properties: { a: { type: 'integer', default: 3 } }, required: ['b'] }
  assert.ok(!existsSync(codeOf(schema)))
  const { data, errors } = judged(await validators()(schema, true), {})
  assert.deepEqual(data, { a: 3 })
  assert.deepEqual(errors[0].params, { missingProperty: 'b' })
})
