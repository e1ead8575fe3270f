/** The thread's side: builds the pipelines of all inputs on its first task, then runs batches. */
import { workerData } from 'node:worker_threads'
import type { Pipeline } from '../route/pipeline.ts'
import type { RunRequest, RunResult } from '../route/result.ts'
import { buildPipelines, loadPlugins, type Setup } from './setup.ts'

let ready: Promise<Pipeline[]> | undefined

async function build(): Promise<Pipeline[]> {
  const setup = workerData as Setup
  return buildPipelines(setup, await loadPlugins(setup), (bytes) => new SharedArrayBuffer(bytes))
}

/** @param task a run, or 'warm': only build */
export default async function work(task: RunRequest | 'warm'): Promise<RunResult | undefined> {
  ready ??= build()
  const pipelines = await ready
  return task === 'warm' ? undefined : pipelines[task.input].run(task)
}
