import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { test } from 'node:test'
import { packageRoot } from '../core/config/root.ts'
import { generated } from './generate.ts'

test('docs/ is what the declarations say; otherwise run npm run docs', async () => {
  for (const [file, text] of await generated()) {
    assert.equal(await readFile(new URL(`docs/${file}`, packageRoot()), 'utf8').catch(() => 'missing'), text, `docs/${file} is stale: npm run docs`)
  }
})
