import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import type { OutputSample } from '../../../test/kit/sample.ts'

export default {
  configs: [{ path: 'kit/%Y/%j-%H%M%S.ndjson' }, { path: 'kit/all.ndjson', gzip: true }],
  receiver: (folder) => ({
    config: { path: join(folder, 'out', '%Y-%m-%d.ndjson.gz'), sync_ms: 20, rotate: { max_bytes: 500 } },
    received: async () => {
      const out = join(folder, 'out')
      const files = await Promise.all((await readdir(out)).map((name) => readFile(join(out, name))))
      const lines = files.map((bytes) => gunzipSync(bytes).toString()).join('')
      return lines
        .split('\n')
        .slice(0, -1)
        .map((line) => JSON.parse(line).frame.number)
    },
  }),
} satisfies OutputSample
