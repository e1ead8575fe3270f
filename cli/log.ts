/** The log: words on stderr, as text or JSON lines, with secrets masked. Winston is loaded with the first line, since most runs begin without one. */
import { createRequire } from 'node:module'
import type { Logger } from 'winston'
import { masker } from '../core/config/secrets.ts'
import type { Log } from '../core/plugin.ts'
import { type Colour, paint } from './terminal.ts'

export const LEVELS = ['error', 'warn', 'info', 'debug'] as const
export type Level = (typeof LEVELS)[number]

export interface LogOptions {
  readonly level: Level
  readonly format: 'text' | 'json'
  /** Values that never appear in a line. */
  readonly secrets?: Iterable<string>
  /** Default stderr. */
  readonly stream?: NodeJS.WritableStream & { readonly isTTY?: boolean }
}

export interface ClosableLog extends Log {
  /** Resolves when all lines are written. */
  close(): Promise<void>
}

const COLOURS: Readonly<Record<Level, Colour>> = { error: 'red', warn: 'yellow', info: 'green', debug: 'dim' }

export function createLog(options: LogOptions): ClosableLog {
  let logger: Logger | undefined
  const write = (level: Level) => (message: string, details?: object) => {
    logger ??= open(options)
    logger.log({ level, message, details })
  }
  return {
    error: write('error'),
    warn: write('warn'),
    info: write('info'),
    debug: write('debug'),
    close: async () => {
      const last = logger
      if (last) await new Promise<void>((resolve) => last.once('finish', () => resolve()).end())
    },
  }
}

function open({ level, format, secrets = [], stream = process.stderr }: LogOptions): Logger {
  const winston = createRequire(import.meta.url)('winston') as typeof import('winston')
  const mask = masker(secrets)
  const line = winston.format.printf(({ level, message, timestamp, details }) => {
    // Masking the finished line also finds what details and errors carry along.
    if (format === 'json') return mask(JSON.stringify({ timestamp, level, message, ...plain(details) }))
    const more = details === undefined ? '' : ` ${JSON.stringify(plain(details))}`
    return `${timestamp} ${paint(level.padEnd(5), COLOURS[level as Level], stream)} ${mask(`${message}${more}`)}`
  })
  return winston.createLogger({
    level,
    levels: { error: 0, warn: 1, info: 2, debug: 3 },
    format: winston.format.combine(winston.format.timestamp(), line),
    transports: [new winston.transports.Stream({ stream })],
  })
}

/** Details as plain data; an error has none of its own properties enumerable. */
function plain(details: unknown): object {
  if (details instanceof Error) return { error: `${details.name}: ${details.message}` }
  return typeof details === 'object' && details !== null ? details : {}
}
