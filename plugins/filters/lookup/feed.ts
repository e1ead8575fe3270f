/** Publishes the table of a file, and again when it has changed. */
import { publishFile } from '../../../core/feed/file.ts'
import type { FeedContext } from '../../../core/plugin.ts'
import { packTable, readTable, type TableOptions } from './table.ts'

export interface FileOptions extends TableOptions {
  readonly file: string
  readonly look_s: number
}

/** @throws Error when there is no good table to begin with */
export function publishTable({ file, look_s, ...options }: FileOptions, context: FeedContext): Promise<void> {
  const read = (content: Buffer) => {
    const table = readTable(file, content.toString(), options)
    return { bytes: packTable(table), words: `${table.size} rows` }
  }
  return publishFile({ file, look_s, read }, context)
}
