import assert from 'node:assert/strict'
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { test } from 'node:test'
import { glob } from './glob.ts'
import { scratch } from './testing.ts'

test('patterns match what a shell would', () => {
  const cases: [pattern: string, yes: string[], no: string[]][] = [
    ['/a/*.pcap', ['/a/b.pcap', '/a/b.c.pcap'], ['/a/.b.pcap', '/a/b/c.pcap', '/a/b.pcapng', '/b/a.pcap']],
    ['/a/*.pcap*', ['/a/b.pcap', '/a/b.pcap.1.gz'], ['/a/pcap']],
    ['/a/?[0-9].{pcap,pcapng}', ['/a/x1.pcap', '/a/x1.pcapng'], ['/a/1.pcap', '/a/xx.pcap', '/a/x1.pcapn']],
    ['/a/[!a-c]*', ['/a/d', '/a/xyz'], ['/a/a', '/a/bcd']],
    ['/**/x', ['/x', '/a/x', '/a/b/x'], ['/a/.h/x', '/a/xx']],
    ['/a/**', ['/a/b', '/a/b/c'], ['/a', '/b/a']],
    ['/a/**/b/*', ['/a/b/c', '/a/x/y/b/c'], ['/a/b', '/a/x/c']],
    ['/a/.*', ['/a/.b'], ['/a/b']],
    ['/a/b+(c).pcap*', ['/a/b+(c).pcap'], ['/a/bbc.pcap']],
    ['/a/x[1', ['/a/x[1'], ['/a/x1']],
    ['/a/{x', ['/a/{x'], ['/a/x']],
    ['/a/b.pcap', ['/a/b.pcap'], ['/a/bxpcap']],
  ]
  for (const [pattern, yes, no] of cases) {
    for (const path of yes) assert.ok(glob(pattern).matches(path), `${pattern} ${path}`)
    for (const path of no) assert.ok(!glob(pattern).matches(path), `${pattern} ${path}`)
  }
  assert.ok(glob('*.pcap').matches(resolve('a.pcap')))
})

test('a walk finds what matches, goes into links to folders that are named, and not round in circles', async () => {
  const folder = scratch()
  for (const name of ['a', 'a/b', '.hidden']) mkdirSync(join(folder, name))
  for (const name of ['1.pcap', 'a/2.pcap', 'a/b/3.pcap', 'a/b/4.txt', '.hidden/5.pcap']) writeFileSync(join(folder, name), '')
  symlinkSync(folder, join(folder, 'a/up'))
  symlinkSync(join(folder, 'a'), join(folder, 'link'))
  const walk = async (pattern: string): Promise<string[]> => {
    const found: string[] = []
    await glob(join(folder, pattern)).walk(
      (path) => found.push(path.slice(folder.length + 1)),
      () => {},
      (_, error) => assert.fail(error),
    )
    return found.sort()
  }
  assert.deepEqual(await walk('**/*.pcap'), ['1.pcap', 'a/2.pcap', 'a/b/3.pcap'])
  assert.deepEqual(await walk('link/*.pcap'), ['link/2.pcap'])
  assert.deepEqual(await walk('l*/*.pcap'), ['link/2.pcap'])
  assert.deepEqual(await walk('*.pcap'), ['1.pcap'])
  assert.deepEqual(await walk('none/*.pcap'), [])
  assert.deepEqual(await walk('a/**'), ['a/2.pcap', 'a/b/3.pcap', 'a/b/4.txt', 'a/up'])
})
