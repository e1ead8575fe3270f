/** `npm run --silent truth -- FILE`: one JSON object for each record, in the keys of tshark's truth files. */
import { readCapture, runBatches } from '../../cli/captures.ts'
import { print } from '../../cli/exit.ts'
import { memoryLog } from '../plugins/config.ts'
import { body, pipelineOf } from './pipeline.ts'

const options = { log: memoryLog(), signal: new AbortController().signal, max_record_bytes: 2 ** 20, statistics: false, skipped: () => undefined }
const { pipeline, sensor } = await pipelineOf('full', ['truth'])
for await (const ran of runBatches(pipeline, readCapture(process.argv[2], options), sensor)) await print(body(ran, 0))
