/** `wherry test`: the config's own tests, captures through its routes. */
import { existsSync } from 'node:fs'
import type { Command } from 'commander'
import type { ConfigTest } from '../core/config/types.ts'
import { buildPipelines } from '../core/worker/setup.ts'
import { readCapture, runBatches } from './captures.ts'
import { ExitError, print } from './exit.ts'
import { type Opened, openConfig } from './open-config.ts'
import { type ConfigOptions, count, examples, withConfig } from './options.ts'
import { paint } from './terminal.ts'

export function add(program: Command): void {
  const command = withConfig(
    program.command('test').description("run the config's own tests: captures through its routes, counted at its outputs"),
  ).action(async (_, command: Command) => test(command.optsWithGlobals()))
  examples(command, ['the tests: of shipper.yml', 'wherry test'])
}

async function test(options: ConfigOptions): Promise<void> {
  const opened = await openConfig(options)
  const { config, log } = opened
  try {
    let failures = 0
    for (const one of config.tests) {
      const wrong = await runTest(opened, one)
      if (wrong.length > 0) failures++
      const verdict = wrong.length === 0 ? paint('ok', 'green', process.stdout) : paint('not ok', 'red', process.stdout)
      await print(`${verdict} ${one.name}\n${wrong.map((words) => `  ${words}\n`).join('')}`)
    }
    process.stderr.write(
      config.tests.length === 0 ? `${options.config} has no tests\n` : `${count(config.tests.length, 'test')}, ${failures} failed\n`,
    )
    if (failures > 0) throw new ExitError(1)
  } finally {
    await log.close()
  }
}

/** @returns what is not as expected */
async function runTest({ config, plugins, log }: Opened, { input, capture, expect }: ConfigTest): Promise<string[]> {
  if (!existsSync(capture)) return [`${capture} does not exist`]
  const sensor = { name: config.shipper.name, id: 'test' }
  // New pipelines for each test: filters begin with an empty memory.
  const pipelines = buildPipelines({ config, sensor }, plugins, (bytes) => new ArrayBuffer(bytes))
  const pipeline = pipelines[config.inputs.findIndex(({ name }) => name === input)]
  const wrong: string[] = []
  const skipped = (offset: number, length: number, reason: string) => void wrong.push(`${length} bytes at ${offset} cannot be read: ${reason}`)
  const { max_record_bytes } = config.shipper
  const arrived = config.outputs.map(() => 0)
  const batches = readCapture(capture, { log, signal: new AbortController().signal, max_record_bytes, statistics: true, skipped })
  for await (const { result } of runBatches(pipeline, batches, sensor)) {
    for (const { output, count } of result.parts) arrived[output] += count
    for (const { reason } of result.bad) wrong.push(`a record was rejected: ${reason}`)
  }
  config.outputs.forEach(({ name }, i) => {
    if (Object.hasOwn(expect, name) && expect[name] !== arrived[i])
      wrong.push(`${name}: ${count(expect[name], 'event')} expected, ${arrived[i]} came`)
  })
  return wrong
}
