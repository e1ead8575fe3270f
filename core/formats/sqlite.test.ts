import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import fc from 'fast-check'
import sqlite from 'node-sqlite3-wasm'
import { SqliteReader, type SqliteRow } from './sqlite.ts'

type Value = null | number | bigint | string | Uint8Array

/** A database file with one table, as SQLite itself writes it. */
function database(rows: readonly Value[][], pageBytes: number, without: readonly number[] = []): Buffer {
  const folder = mkdtempSync(join(tmpdir(), 'wherry-sqlite-'))
  try {
    const path = join(folder, 'x.db')
    const db = new sqlite.Database(path)
    db.exec(`PRAGMA page_size = ${pageBytes}; CREATE TABLE things (a INT, "b" TEXT, c BLOB, UNIQUE(a, b) ON CONFLICT REPLACE)`)
    db.exec('BEGIN')
    for (const row of rows) db.run('INSERT INTO things VALUES (?, ?, ?)', row)
    for (const rowid of without) db.run('DELETE FROM things WHERE rowid = ?', [rowid])
    db.exec('COMMIT; ALTER TABLE things ADD COLUMN d REAL')
    db.close()
    return readFileSync(path)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

const reader = (file: Buffer) => new SqliteReader((offset, length) => Uint8Array.from(file.subarray(offset, offset + length)))

function all(file: Buffer, longest = 1 << 20, after?: number, long?: (rowid: number) => void): SqliteRow[] {
  const one = reader(file)
  return [...one.rows(one.tables().get('things')!, longest, after, long)]
}

const integer = fc.oneof(
  fc.integer(),
  fc.maxSafeInteger(),
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).filter((n) => !Number.isSafeInteger(Number(n))),
)
const value = fc.oneof(
  fc.constant(null),
  integer,
  fc.double({ noNaN: true, noDefaultInfinity: true }).map((n) => n + 0.5),
  fc.string({ unit: 'grapheme' }),
  fc.uint8Array({ maxLength: 40 }),
  fc.integer({ min: 0, max: 20_000 }).map((length) => new Uint8Array(length).fill(7)),
)

test('rows come back as SQLite wrote them, whatever the size of pages and values, from any row on', () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(value, value), { maxLength: 60 }),
      fc.constantFrom(512, 1024, 4096, 65536),
      fc.nat(60),
      (pairs, pageBytes, after) => {
        const file = database(
          pairs.map(([b, c], i) => [i, b, c]),
          pageBytes,
          [3, 7],
        )
        const expected = pairs.map(([, c], i) => ({ rowid: i + 1, a: i, c })).filter(({ rowid }) => rowid !== 3 && rowid !== 7 && rowid > after)
        const got = all(file, 1 << 20, after === 0 ? undefined : after)
        assert.deepEqual(
          got.map(({ rowid, values }) => ({ rowid, a: values.a, c: values.c })),
          expected,
        )
        for (const { values } of got) assert.equal(values.d, undefined)
      },
    ),
    { numRuns: 60 },
  )
})

test('rows that are too long are passed over', () => {
  const file = database(
    [
      [1, 'x', null],
      [2, 'y'.repeat(5000), null],
      [3, 'z', null],
    ],
    1024,
  )
  const long: number[] = []
  assert.deepEqual(
    all(file, 1000, undefined, (rowid) => long.push(rowid)).map(({ rowid }) => rowid),
    [1, 3],
  )
  assert.deepEqual(long, [2])
})

test('damage is an error, never a hang', () => {
  const file = database(
    Array.from({ length: 200 }, (_, i) => [i, `text ${i}`, new Uint8Array(i * 5)]),
    512,
  )
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat(file.length - 1), fc.nat(255)), { minLength: 1, maxLength: 8 }), fc.boolean(), (changes, cut) => {
      const copy = Buffer.from(file)
      for (const [at, byte] of changes) copy[at] = byte
      try {
        const one = reader(cut ? copy.subarray(0, changes[0][0]) : copy)
        for (const table of one.tables().values()) for (const _ of one.rows(table, 1 << 20));
      } catch (error) {
        assert.match((error as Error).message, /damaged|missing|not an SQLite|not UTF-8/)
      }
    }),
    // The example: a place of further pages that lies behind the end of its page.
    { numRuns: 500, examples: [[[[122836, 128], [526, 0]], false]] },
  )
  assert.throws(() => reader(Buffer.from('not a database at all')), /not an SQLite/)
})
