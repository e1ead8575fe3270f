/** The thread's side: builds the pipelines of all inputs on its first task, then runs batches. */
import type { Pipeline } from '../route/pipeline.ts'
import type { RunRequest, RunResult } from '../route/result.ts'
import { type Built, buildPipelines, describe, loadPlugins, type Setup } from './setup.ts'

let built: Promise<Pipeline[]> | undefined

const nothing = () => undefined

async function build(setup: Setup): Promise<Pipeline[]> {
  return buildPipelines(setup, await loadPlugins(setup), (bytes) => new SharedArrayBuffer(bytes))
}

/** @param task a run, or what to build for those to come, or a plugin that will be part of it, or nothing: then the answer says that all modules are loaded */
export default async function work(task: RunRequest | Setup | { readonly load: string } | null): Promise<RunResult | Built | undefined> {
  if (task === null) return undefined
  if ('load' in task) return import(task.load).then(nothing, nothing)
  if ('config' in task) {
    built = build(task)
    return describe(await built, task)
  }
  // A thread that took the place of one that died between two batches.
  if (!built) throw new Error('the thread before this one ended by itself')
  return (await built)[task.input].run(task)
}
