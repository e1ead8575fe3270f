import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Fields } from '../../core/event/fields.ts'
import { envelope, frame } from '../../core/plugin.ts'
import { explainWhen } from '../../core/when/index.ts'
import { TABLES } from '../../plugins/filters/ieee80211/frame.ts'
import { tableRows } from './when.ts'

const fields = new Fields([envelope, frame, ...TABLES])

test('every condition of the table is read, and each only once', () => {
  const rows = tableRows()
  for (const { condition } of rows) assert.ok(explainWhen(condition, fields).words.length > 0, condition)
  assert.equal(new Set(rows.map(({ condition }) => condition)).size, rows.length)
  assert.ok(rows.every(({ differs }) => differs !== ''))
})

test('the table has three conditions or more for each operator, and ten on fields that occur several times', () => {
  const conditions = tableRows().filter(({ differs }) => differs === undefined)
  const has = (pattern: RegExp) => conditions.filter(({ condition }) => pattern.test(condition)).length
  const operators = [
    / == /,
    / != /,
    / === /,
    / !== | ~= /,
    / > /,
    / >= /,
    / < /,
    / <= /,
    / contains /,
    / matches | ~ "/,
    / in \{/,
    / & /,
    /\[.*\]/,
    /\band\b|&&/,
    /\bor\b|\|\|/,
    /\bnot\b|!\(|^!|! /,
  ]
  for (const operator of operators) assert.ok(has(operator) >= 3, `${operator}: ${has(operator)}`)
  const several = conditions.filter(({ condition }) => explainWhen(condition, fields).fields.some(({ list }) => list)).length
  assert.ok(conditions.length >= 150 && several >= 10, `${conditions.length}, ${several}`)
})
