/** What the kit checks: named properties that say what is wrong, or nothing. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Script } from 'node:vm'

export interface Property {
  readonly name: string
  /** Problems in words; none when the property holds. */
  check(): Promise<string[]> | string[]
}

/** Problems found one by one; past a few the rest says nothing new. */
export class Problems {
  readonly list: string[] = []

  add(problem: string): void {
    if (this.list.length < 10 && !this.list.includes(problem)) this.list.push(problem)
  }

  /** Adds a problem unless both are equal. */
  same(what: string, actual: string | undefined, expected: string | undefined): void {
    if (actual !== expected) this.add(`${what}: ${shorten(actual)} instead of ${shorten(expected)}`)
  }
}

function shorten(text: string | undefined): string {
  if (text === undefined) return 'nothing'
  return text.length > 400 ? `${text.slice(0, 400)}…` : text
}

/** Runs pure code and stops it when it hangs. */
export function stopHanging<T>(ms: number, work: () => T): T {
  const scope = globalThis as { wherryKitWork?: () => T }
  scope.wherryKitWork = work
  try {
    return new Script('wherryKitWork()').runInThisContext({ timeout: ms }) as T
  } finally {
    scope.wherryKitWork = undefined
  }
}

/** Runs a check of pure code; that it hangs is a problem like others. */
export function checkPure(ms: number, check: () => string[]): string[] {
  try {
    return stopHanging(ms, check)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_SCRIPT_EXECUTION_TIMEOUT') return [`it takes longer than ${ms} ms`]
    throw error
  }
}

/** A promise's result, or `late` when it takes longer than any working plugin would. */
export async function settled<T, L>(promise: Promise<T>, ms: number, late: L): Promise<T | L> {
  let timer: NodeJS.Timeout | undefined
  try {
    return await Promise.race([promise, new Promise<L>((resolve) => (timer = setTimeout(resolve, ms, late)))])
  } finally {
    clearTimeout(timer)
  }
}

export async function inFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'wherry-kit-'))
  try {
    return await work(folder)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

export function words(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error)
}
