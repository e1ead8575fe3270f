/** The program that users start, and how it ends. */
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { packageRoot } from '../core/config/root.ts'

const { bin } = JSON.parse(readFileSync(new URL('package.json', packageRoot()), 'utf8')) as { bin: { wherry: string } }

/** A path for `node`. */
export const program = fileURLToPath(new URL(bin.wherry, packageRoot()))

/** Waits until it has ended, which it may have done already: then there is no event to come. */
export async function ended(child: ChildProcess): Promise<{ readonly code: number | null; readonly signal: NodeJS.Signals | null }> {
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
  return { code: child.exitCode, signal: child.signalCode }
}
