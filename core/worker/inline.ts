/** `threads: 0`: the same pipelines on the main thread. Nothing can die here, and nothing can be interrupted. */
import type { Plugin } from '../plugin.ts'
import type { Pipeline } from '../route/pipeline.ts'
import type { RunRequest, RunResult } from '../route/result.ts'
import type { Lane } from './lane.ts'
import { buildPipelines, type Setup } from './setup.ts'

export class InlineLane implements Lane {
  readonly #pipelines: Pipeline[]

  constructor(setup: Setup, plugins: ReadonlyMap<string, Plugin>) {
    this.#pipelines = buildPipelines(setup, plugins, (bytes) => new ArrayBuffer(bytes))
  }

  async warm(): Promise<void> {}

  async run(request: RunRequest): Promise<RunResult> {
    return this.#pipelines[request.input].run(request)
  }

  async close(): Promise<void> {}
}
