/** The program that users start: a path for `node`. */
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { packageRoot } from '../core/config/root.ts'

const { bin } = JSON.parse(readFileSync(new URL('package.json', packageRoot()), 'utf8')) as { bin: { wherry: string } }

export const program = fileURLToPath(new URL(bin.wherry, packageRoot()))
