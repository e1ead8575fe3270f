/** The main half: follows gpsd and the database, as far as the config asks for them. */
import type { FeedContext } from '../../../../core/plugin.ts'
import { gpsdAddress } from '../report.ts'
import { publishDatabase } from './database.ts'
import { followGpsd } from './gpsd.ts'

export interface FeedOptions {
  /** Where gpsd is, when a position may come from it. */
  readonly gpsd: string | undefined
  readonly max_speed: number
  /** File of the database. */
  readonly database: string | undefined
}

export async function startFeed({ gpsd, max_speed, database }: FeedOptions, context: FeedContext): Promise<void> {
  // Not waited for: a receiver may be there in an hour.
  if (gpsd !== undefined) void followGpsd({ ...gpsdAddress(gpsd), max_speed }, context)
  if (database !== undefined) await publishDatabase(database, context)
}
