/** Captures that a command was given: files, or folders of them. */
import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'

export function filesOf(path: string): string[] {
  if (!statSync(path).isDirectory()) return [path]
  return readdirSync(path)
    .sort()
    .map((name) => join(path, name))
    .filter((name) => /\.pcap(ng)?$/.test(name))
}
