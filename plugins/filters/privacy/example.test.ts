/** The example does what it says, with the program itself. */
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { promisify } from 'node:util'
import { packageRoot } from '../../../core/config/root.ts'
import { program } from '../../../test/program.ts'

test('examples/privacy.yml writes pseudonyms and numbers, and no name that a client looks for', { timeout: 120_000 }, async () => {
  const folder = await mkdtemp(join(tmpdir(), 'wherry-privacy-'))
  try {
    const example = await readFile(new URL('examples/privacy.yml', packageRoot()), 'utf8')
    const file = join(folder, 'shipper.yml')
    await writeFile(file, example.replaceAll('./data/privacy', folder).replace('frames: 20000', 'frames: 6000'))
    await promisify(execFile)(process.execPath, [program, 'run', '--once', '-c', file])
    const lines = async (name: string) => (await readFile(join(folder, `${name}.ndjson`), 'utf8')).trimEnd().split('\n')
    const frames = await lines('frames')
    assert.equal(frames.length, 6000)
    interface Frame {
      readonly wlan: { readonly ta?: string; readonly ta_vendor?: string; readonly ssid?: string; readonly fc: { readonly type_subtype: number } }
    }
    const wlan = frames.map((line) => (JSON.parse(line) as Frame).wlan)
    const own = wlan.filter(({ ta }) => ta?.startsWith('24:a4:3c'))
    const others = wlan.filter(({ ta }) => ta !== undefined && !ta.startsWith('24:a4:3c'))
    assert.ok(own.length > 100 && others.length > 100)
    // A pseudonym is locally administered; the vendor was told before.
    assert.ok(others.every(({ ta }) => /^.[26ae]/.test(ta!)))
    assert.ok(others.some(({ ta_vendor }) => ta_vendor !== undefined))
    assert.ok(wlan.some(({ ssid, fc }) => ssid !== undefined && fc.type_subtype === 8))
    assert.ok(wlan.every(({ ssid, fc }) => ssid === undefined || fc.type_subtype === 8 || fc.type_subtype === 5))
    const counts = await lines('counts')
    assert.ok(counts.some((line) => /"devices":\d+/.test(line)))
    assert.ok(counts.every((line) => !/([0-9a-f]{2}:){5}/.test(line)))
  } finally {
    await rm(folder, { recursive: true })
  }
})
