import type { Log } from '../../core/plugin.ts'

export const silentLog: Log = { error: () => undefined, warn: () => undefined, info: () => undefined, debug: () => undefined }
