/** Where this package and its modules lie, whether compiled, bundled or neither. */
import { existsSync } from 'node:fs'

/** URL of the folder that holds package.json. */
export function packageRoot(): URL {
  return above('package.json')
}

/** URL of the folder that our modules lie in: of the bundle's for a module of the bundle. */
export function modulesRoot(): URL {
  return above('cli/')
}

/** URL of one of our modules. @param path from the top, without its extension */
export function moduleUrl(path: string): URL {
  return new URL(`${path}${import.meta.url.slice(import.meta.url.lastIndexOf('.'))}`, modulesRoot())
}

/** The nearest folder above this module that holds such a thing. */
function above(name: string): URL {
  for (let at = new URL('.', import.meta.url); ; at = new URL('..', at)) {
    if (existsSync(new URL(name, at))) return at
    if (at.pathname === '/') throw new Error(`${name} is missing`)
  }
}
