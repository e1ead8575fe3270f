/** Reads what the main half of the Kismet input hands over, and checks every record of it. */
import { Event } from '../../core/event/event.ts'
import { streamKey } from '../../core/event/id.ts'
import { jsonWriter } from '../../core/event/json.ts'
import { exactJson, toObject } from '../../core/event/object.ts'
import { ByteWriter } from '../../core/event/writer.ts'
import type { Batch, Decoder } from '../../core/plugin.ts'
import { pureContext } from '../../core/route/context.ts'
import { pipelineFields } from '../../core/route/fields.ts'
import kismet from '../../plugins/inputs/kismet/index.ts'

export class KismetCheck {
  readonly totals = { records: 0, events: 0, rejected: 0, odd: 0 }
  readonly #event = new Event(pipelineFields([{ name: 'kismet', plugin: kismet, config: {} }]))
  readonly #decoder: Decoder = kismet.decoder({} as never, pureContext('kismet', this.#event, { name: 'pi', id: 'fuzz' }))
  readonly #write = jsonWriter(this.#event.fields)
  readonly #out = new ByteWriter()

  /**
   * @returns for each record its event as JSON, or undefined for a reject
   * @throws Error when a record is lost or doubled, or is no good event
   */
  decode({ stream, data, offset, context = new Uint8Array(0), records }: Batch): (string | undefined)[] {
    const { totals } = this
    const results: (string | undefined)[] = []
    let open = 0
    let ended = 0
    const end = (result: string | undefined) => {
      if (++ended !== open) throw new Error(`record ${open} was ended ${ended - open + 1} times more`)
      results.push(result)
    }
    this.#decoder.decode(
      { stream, data, offset, context, key: streamKey('fuzz', stream) },
      {
        open: () => {
          if (open++ !== ended) throw new Error(`record ${open} was opened before the one before it ended`)
          this.#event.open(data)
          return this.#event
        },
        emit: () => {
          totals.events++
          end(this.#text())
        },
        reject: (reason) => {
          if (reason === '') throw new Error('a reject without a reason')
          totals.rejected++
          end(undefined)
        },
      },
    )
    if (ended !== records || open !== records) throw new Error(`a batch of ${records} records: ${open} opened, ${ended} ended`)
    totals.records += records
    return results
  }

  #text(): string {
    this.#out.pos = 0
    this.#write(this.#event, this.#out)
    const text = Buffer.from(this.#out.written()).toString('utf8')
    const slow = exactJson(toObject(this.#event))
    if (text !== slow) throw new Error(`the writers differ:\n  fast ${text}\n  slow ${slow}`)
    const { event, kismet: record } = JSON.parse(text) as { event?: { id?: string; dataset?: string }; kismet?: { odd_fields?: string[] } }
    if (event?.id?.length !== 32 || event.dataset === undefined) throw new Error(`an event without id or dataset: ${text}`)
    if (record?.odd_fields) this.totals.odd++
    return text
  }
}
