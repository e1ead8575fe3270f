/** What may not leave a sensor, and a look for it in any bytes: text in all spellings, bytes as they are, base64 of either. */
import { builtInTables } from '../../docs/tables.ts'

const ANNOUNCING = new Set([5, 8])
/** Shorter names are found everywhere. */
const SHORTEST_NAME = 5

export class Raw {
  readonly #ofNobody: (address: number) => boolean
  readonly #addresses = new Set<number>()
  readonly #probed = new Set<string>()
  readonly #announced = new Set<string>()
  /** Text that says nothing of anybody, such as the model of a device that is named so too. */
  readonly #plain = new Set<string>()
  #names: Buffer[] = []
  #classes: ReadonlyMap<string, string> | undefined

  constructor(ofNobody: (address: number) => boolean) {
    this.#ofNobody = ofNobody
  }

  get addresses(): number {
    return this.#addresses.size
  }

  get names(): number {
    return this.#names.length
  }

  /** Takes an event as it is without privacy, in JSON. */
  async add(line: string): Promise<void> {
    this.#classes ??= new Map(
      [...(await builtInTables()).keys()].flatMap((table) => table.fields.map(({ path, class: kind = 'plain' }): [string, string] => [path, kind])),
    )
    const event = JSON.parse(line) as { wlan?: { fc?: { type_subtype?: number } } }
    const announced = ANNOUNCING.has(event.wlan?.fc?.type_subtype ?? -1)
    this.#walk(event, '', announced)
  }

  #walk(value: unknown, path: string, announced: boolean): void {
    if (Array.isArray(value)) for (const one of value) this.#walk(one, path, announced)
    else if (typeof value === 'object' && value !== null)
      for (const [key, inner] of Object.entries(value)) this.#walk(inner, path === '' ? key : `${path}.${key}`, announced)
    else if (typeof value === 'string') this.#take(value, this.#classes!.get(path) ?? 'plain', path, announced)
  }

  #take(value: string, kind: string, path: string, announced: boolean): void {
    if (kind === 'device_address' && /^[0-9a-f]{2}(:[0-9a-f]{2}){5}$/.test(value)) {
      const address = Number.parseInt(value.replaceAll(':', ''), 16)
      if (!this.#ofNobody(address)) this.#addresses.add(address)
    }
    if (kind === 'plain') this.#plain.add(value)
    if (kind === 'ssid') (announced ? this.#announced : this.#probed).add(path.endsWith('_hex') ? Buffer.from(value, 'hex').toString() : value)
    if (kind === 'identity' && !/^[0-9a-f]+$/.test(value)) this.#probed.add(value)
  }

  /** All has been taken: names that somebody announced are no secret of a client. */
  learnt(): void {
    const told = (name: string) => this.#announced.has(name) || this.#plain.has(name)
    this.#names = [...this.#probed].filter((name) => name.length >= SHORTEST_NAME && !told(name)).map((name) => Buffer.from(name))
  }

  /** What of it is in the bytes, in words. */
  find(bytes: Buffer): string[] {
    const found = new Set<string>()
    this.#look(bytes, found)
    // Base64 of anything, a letter for instance.
    for (const [text] of bytes.toString('latin1').matchAll(/[A-Za-z0-9+/_-]{16,}={0,2}/g)) this.#look(Buffer.from(text, 'base64'), found)
    return [...found].slice(0, 5)
  }

  #look(bytes: Buffer, found: Set<string>): void {
    let last = 0
    for (let i = 0; i < bytes.length; i++) {
      last = (last % 2 ** 40) * 256 + bytes[i]
      if (i >= 5 && this.#addresses.has(last)) found.add(`the bytes of ${last.toString(16).padStart(12, '0')} at ${i - 5}`)
    }
    const text = bytes.toString('latin1').toLowerCase()
    for (const { 0: hit, index } of text.matchAll(/(?<![0-9a-f])[0-9a-f]{2}([:-]?[0-9a-f]{2}){5,}/g)) {
      const digits = hit.replace(/[:-]/g, '')
      for (let i = 0; i + 12 <= digits.length; i++)
        if (this.#addresses.has(Number.parseInt(digits.slice(i, i + 12), 16))) found.add(`${digits.slice(i, i + 12)} at ${index}`)
    }
    for (const name of this.#names) {
      if (bytes.includes(name) || text.includes(name.toString('hex'))) found.add(`the name ${JSON.stringify(name.toString())}`)
    }
  }
}
