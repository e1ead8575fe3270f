/**
 * What is used of undici. All of it, with caches, mocks and fetch, takes 20 MB and a tenth of a second to load, these files half and a third of that; they are none of its
 * interface, so a release may move them: then this does not load, and every test that sends a request says so.
 */
import { createRequire } from 'node:module'
import { setFlagsFromString } from 'node:v8'
import type { Dispatcher, Agent as UndiciAgent, Pool as UndiciPool, buildConnector as undiciBuildConnector } from 'undici'

/** Code of undici's parser of answers, which undici's module keeps, and what it was compiled to. */
type Parser = Uint8Array & { compiled?: object }

declare const WebAssembly: { readonly Module: new (bytes: Uint8Array) => object }

const load = createRequire(import.meta.url)

leavePlain(load('undici/lib/llhttp/llhttp_simd-wasm.js') as Parser)

export const Agent = load('undici/lib/dispatcher/agent.js') as typeof UndiciAgent
export const Pool = load('undici/lib/dispatcher/pool.js') as typeof UndiciPool
export const buildConnector = load('undici/lib/core/connect.js') as typeof undiciBuildConnector

const requestOf = load('undici/lib/api/api-request.js') as (this: Dispatcher, options: Dispatcher.RequestOptions) => Promise<Dispatcher.ResponseData>

/** As undici's own, by a dispatcher. */
export function request(
  url: string,
  { dispatcher, ...options }: { dispatcher: Dispatcher } & Omit<Dispatcher.RequestOptions, 'origin' | 'path'>,
): Promise<Dispatcher.ResponseData> {
  const { origin, pathname, search } = new URL(url)
  return requestOf.call(dispatcher, { ...options, origin, path: pathname + search })
}

/**
 * Compiles the parser before undici does, so that it is never optimised: that would take 42 MB at a stroke, and a tenth of a second (on a Pi one), for one function of 34 kB that reads some
 * hundred bytes of each answer. V8 takes the same code for the same bytes as long as somebody has it.
 */
function leavePlain(parser: Parser): void {
  // Without the first flag the second would have all of it optimised at once. Other modules are to be optimised as they get hot: the machine that decodes is WebAssembly too.
  setFlagsFromString('--no-wasm-tier-up')
  setFlagsFromString('--no-wasm-dynamic-tiering')
  try {
    parser.compiled = new WebAssembly.Module(parser)
  } catch {
    // A processor without vectors: undici has another parser for it.
  } finally {
    setFlagsFromString('--wasm-dynamic-tiering')
  }
}
