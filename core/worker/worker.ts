/** The thread's side: builds the pipelines of all inputs on its first task, then runs batches. */
import type { MessagePort } from 'node:worker_threads'
import type { RunRequest } from '../route/result.ts'
import { buildPipelines, describe, loadPlugins, type Setup } from './setup.ts'

/** What to build, and where batches come from then and their results go. */
export interface Serve {
  readonly setup: Setup
  readonly port: MessagePort
}

const nothing = () => undefined

/** Answers each request with its result, one after another. @returns never, but throws what a pipeline throws */
async function serve({ setup, port }: Serve): Promise<never> {
  const pipelines = buildPipelines(setup, await loadPlugins(setup), (bytes) => new SharedArrayBuffer(bytes))
  port.postMessage(describe(pipelines, setup))
  return new Promise((_, reject) => {
    port.on('message', (request: RunRequest) => {
      try {
        port.postMessage(pipelines[request.input].run(request))
      } catch (error) {
        // An answer to the next one would be taken for an answer to this one.
        port.removeAllListeners('message')
        reject(error)
      }
    })
  })
}

/** @param task batches to serve for the rest of its life, or a plugin that will be part of it, or nothing: then the answer says that all modules are loaded */
export default async function work(task: Serve | { readonly load: string } | null): Promise<void> {
  if (task === null) return
  return 'load' in task ? import(task.load).then(nothing, nothing) : serve(task)
}
