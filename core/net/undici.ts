/**
 * What is used of undici. All of it, with caches, mocks and fetch, takes 20 MB and a tenth of a second to load, these files half and a third of that; they are none of its
 * interface, so a release may move them: then this does not load, and every test that sends a request says so.
 */
import { createRequire } from 'node:module'
import type { Dispatcher, Agent as UndiciAgent, Pool as UndiciPool, buildConnector as undiciBuildConnector } from 'undici'

const load = createRequire(import.meta.url)

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
