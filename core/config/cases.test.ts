/** Wrong configs in `test/config-cases/NAME`: `shipper.yml`, perhaps `env.json`, and `expected.txt` with exactly what is to be said. */
import assert from 'node:assert/strict'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { loadConfig } from './load.ts'
import { problemText } from './problems.ts'
import { packageRoot } from './root.ts'

const ROOT = fileURLToPath(new URL('test/config-cases/', packageRoot()))

interface Surroundings {
  readonly env?: Readonly<Record<string, string>>
  readonly once?: boolean
}

const names = readdirSync(ROOT, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => name)

test('there are cases', () => assert.ok(names.length >= 24))

for (const name of names) {
  test(`config case ${name}`, async () => {
    const folder = join(ROOT, name)
    const surroundings = join(folder, 'env.json')
    const { env = {}, once = false } = (existsSync(surroundings) ? JSON.parse(readFileSync(surroundings, 'utf8')) : {}) as Surroundings
    const { config, problems } = await loadConfig(join(folder, 'shipper.yml'), { env, once })
    const said = problems.map((problem) => `${problemText({ ...problem, file: 'shipper.yml' }).replaceAll(folder, '.')}\n`).join('')
    assert.equal(said, readFileSync(join(folder, 'expected.txt'), 'utf8'))
    const wrong = problems.some(({ severity }) => severity === 'error')
    assert.equal(config === undefined, wrong)
    for (const secret of Object.values(env)) if (secret.startsWith('hunter2')) assert.ok(!said.includes(secret))
  })
}
