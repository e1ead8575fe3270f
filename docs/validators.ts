/** Part of the build: writes the code that checks configs against the schemas that come with Wherry (core/config/validate.ts) beside the compiled files. */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { Ajv } from 'ajv'
import standalone from 'ajv/dist/standalone/index.js'
import discard from '../bench/plugins/discard.ts'
import { frameSchema, sectionSchema } from '../core/config/frame.ts'
import { builtIns, KINDS, loadPlugin } from '../core/config/plugins.ts'
import { closed, type Schema } from '../core/config/schema.ts'
import { AJV_OPTIONS, codeOf } from '../core/config/validate.ts'

/** ajv writes `require` into modules too. */
const REQUIRE = `import { createRequire } from 'node:module'\nconst require = createRequire(import.meta.url)\n`

// The outputs of the bench stand for built-in ones.
const schemas: Schema[] = [frameSchema, closed(sectionSchema('output', discard.config))]
for (const kind of KINDS)
  for (const name of builtIns(kind)) schemas.push(closed(sectionSchema(kind, (await loadPlugin(kind, name, '.')).plugin.config as Schema)))

const folder = new URL('.', codeOf(frameSchema))
rmSync(folder, { recursive: true, force: true })
mkdirSync(folder)
for (const schema of schemas) {
  const ajv = new Ajv({ ...AJV_OPTIONS, code: { source: true, esm: true } })
  writeFileSync(codeOf(schema), REQUIRE + standalone.default(ajv, ajv.compile(schema)))
}
