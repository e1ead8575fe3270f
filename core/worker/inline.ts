/** `threads: 0`: the same pipelines on the main thread. Nothing can die here, and nothing can be interrupted. */
import type { Publishers } from '../feed/publishers.ts'
import type { Plugin } from '../plugin.ts'
import type { Pipeline } from '../route/pipeline.ts'
import type { RunRequest, RunResult } from '../route/result.ts'
import type { Lane } from './lane.ts'
import { type Built, buildPipelines, describe, type Setup } from './setup.ts'

export class InlineLane implements Lane {
  readonly #pipelines: Pipeline[]
  readonly #publishers: Publishers
  readonly #built: Built

  constructor(setup: Setup, plugins: ReadonlyMap<string, Plugin>, publishers: Publishers) {
    this.#publishers = publishers
    this.#pipelines = buildPipelines(setup, plugins, (bytes) => new ArrayBuffer(bytes))
    this.#built = describe(this.#pipelines, setup)
  }

  async warm(): Promise<Built> {
    return this.#built
  }

  async run(request: RunRequest): Promise<RunResult> {
    return this.#pipelines[request.input].run({ feeds: this.#publishers.bytes, ...request })
  }

  async close(): Promise<void> {}
}
