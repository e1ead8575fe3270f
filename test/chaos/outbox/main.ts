/** `node dist/test/chaos/outbox/main.js [PART…] [--long] [--seed N]`: the outbox under kills, outages and load. Parts: writes, kills, fifo, outages, soak, silence. */
import { parseArgs } from 'node:util'
import { fifo } from './fifo.ts'
import { killLoop } from './kills.ts'
import { outages } from './outages.ts'
import { silence } from './silence.ts'
import { soak } from './soak.ts'
import { killAtEveryWrite } from './writes.ts'

const { values, positionals } = parseArgs({
  options: { long: { type: 'boolean', default: false }, seed: { type: 'string' } },
  allowPositionals: true,
})
const { long } = values
const seed = Number(values.seed ?? Date.now() % 1_000_000)

const PARTS: Readonly<Record<string, () => Promise<string>>> = {
  writes: () => killAtEveryWrite(long ? 1 : 24),
  kills: () => killLoop(long ? 500 : 10, seed),
  fifo: () => fifo(long ? 60 : 4, seed),
  outages: () => outages(long ? 60 : 3, seed),
  soak: () => soak(long ? 1800 : 60),
  silence,
}

const wanted = positionals.length > 0 ? positionals : Object.keys(PARTS)
const unknown = wanted.find((name) => !(name in PARTS))
if (unknown !== undefined) {
  console.error(`no part ${unknown}; there are ${Object.keys(PARTS).join(', ')}`)
  process.exit(2)
}
let failed = 0
for (const name of wanted) {
  try {
    console.log(await PARTS[name]())
  } catch (error) {
    failed++
    console.log(`${name}, seed ${seed}: ${(error as Error).message}`)
  }
}
console.log(`${wanted.length - failed} passed, ${failed} failed`)
process.exitCode = failed > 0 ? 1 : 0
