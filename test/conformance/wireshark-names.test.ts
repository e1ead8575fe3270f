import assert from 'node:assert/strict'
import { test } from 'node:test'
import { installedNames, listedNames, ownNames } from './wireshark-names.ts'

const STALE = 'stale: node dist/test/conformance/wireshark-names.js'

test('every listed name is one of ours', async () => {
  const own = new Set(await ownNames())
  const { names } = listedNames()
  assert.ok(names.size > 300)
  assert.deepEqual(
    [...names].filter((name) => !own.has(name)),
    [],
    STALE,
  )
})

test('the list has what the installed tshark knows of our names', async (t) => {
  const installed = await installedNames()
  const listed = listedNames()
  if (!installed) return t.skip('tshark is not installed')
  // Another version has some names that this one has not.
  if (installed.version !== listed.version) return t.skip(`tshark ${installed.version} is not ${listed.version}`)
  assert.deepEqual([...installed.names], [...listed.names], STALE)
})
