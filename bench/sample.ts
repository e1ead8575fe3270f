/** Writes a capture of generated traffic: `node dist/bench/sample.js --seed 1 --frames 1000000 out.pcap`. */
import { closeSync, openSync, writeSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { capture } from '../plugins/inputs/generate/write.ts'

/** 2025-01-01, so that the same options give the same file. */
const START_MS = 1_735_689_600_000

const USAGE = 'usage: sample [--seed 1] [--frames 100000] [--networks 40] [--clients 120] FILE'

/** The command's options; undefined when they make no sense. */
function options(): { file: string; seed: number; frames: number; networks: number; clients: number } | undefined {
  try {
    const string = { type: 'string' } as const
    const { values, positionals } = parseArgs({
      options: { seed: string, frames: string, networks: string, clients: string },
      allowPositionals: true,
    })
    const [seed, frames, networks, clients] = [values.seed ?? '1', values.frames ?? '100000', values.networks ?? '40', values.clients ?? '120'].map(
      Number,
    )
    const fine = [seed, frames, networks - 1, clients - 1].every((value) => Number.isSafeInteger(value) && value >= 0)
    return fine && positionals.length === 1 ? { file: positionals[0], seed, frames, networks, clients } : undefined
  } catch {
    return undefined
  }
}

function main(): void {
  const chosen = options()
  if (!chosen) {
    console.error(USAGE)
    process.exitCode = 2
    return
  }
  const file = openSync(chosen.file, 'w')
  try {
    let shown = 0
    for (const { bytes, frames } of capture({ ...chosen, rate: 0, start_ms: START_MS })) {
      for (let at = 0; at < bytes.length; ) at += writeSync(file, bytes, at)
      if (process.stderr.isTTY && frames - shown >= 100_000) process.stderr.write(`\r${(shown = frames)} of ${chosen.frames} frames`)
    }
    if (process.stderr.isTTY) process.stderr.write(`\r${chosen.frames} of ${chosen.frames} frames\n`)
  } finally {
    closeSync(file)
  }
}

main()
