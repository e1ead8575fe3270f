import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fixedFolder } from './folder.ts'

test('the fixed folder ends before the first directive', () => {
  assert.equal(fixedFolder('archive/%Y/x.ndjson'), 'archive')
  assert.equal(fixedFolder('100%%/air-%Y.ndjson'), '100%')
  assert.equal(fixedFolder('/air.ndjson'), '/')
  assert.equal(fixedFolder('air.ndjson'), '.')
})
