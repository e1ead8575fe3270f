/** The sensor's id: made once in `data_dir`, part of every event id. Losing it would give every record a new id, so it is kept like a checkpoint. */
import { randomUUID } from 'node:crypto'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Log } from '../plugin.ts'
import { readSnapshot, writeSnapshot } from './snapshot.ts'

export async function sensorId(data_dir: string, log: Log): Promise<string> {
  await mkdir(data_dir, { recursive: true, mode: 0o700 })
  const path = join(data_dir, 'sensor')
  const { state, damaged } = await readSnapshot(path)
  const known = (state as { id?: unknown } | undefined)?.id
  if (typeof known === 'string') return known
  for (const problem of damaged) log.warn(`sensor id: ${problem}; records read again will have new ids`)
  const id = randomUUID()
  await writeSnapshot(path, { id })
  // The first write has no forerunner to fall back to; the second makes it one.
  await writeSnapshot(path, { id })
  return id
}
