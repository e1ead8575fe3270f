/** Where this package lies, whether compiled or not. */
import { existsSync } from 'node:fs'

/** URL of the folder that holds package.json. */
export function packageRoot(): URL {
  for (let at = new URL('.', import.meta.url); ; at = new URL('..', at)) {
    if (existsSync(new URL('package.json', at))) return at
    if (at.pathname === '/') throw new Error('package.json is missing')
  }
}
