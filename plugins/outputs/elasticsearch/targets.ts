/** What indexes a body names. */

const HEAD = Buffer.from('{"create":{"_index":"')
const QUOTE = 0x22

/**
 * @param body action lines as the encoder writes them, where no name needs an escape
 * @param ends of each event in the body
 */
export function targetsOf(body: Uint8Array, ends: Uint32Array): Set<string> {
  const found = new Set<string>()
  /** Where the name last met stands in the body: nearly every event has it again. */
  let [from, to] = [0, 0]
  let start = 0
  for (const end of ends) {
    const at = start + HEAD.length
    start = end
    let i = 0
    while (from + i < to && body[from + i] === body[at + i]) i++
    if (from + i === to && body[at + i] === QUOTE && to > 0) continue
    from = at
    to = body.indexOf(QUOTE, at)
    found.add(Buffer.from(body.buffer, body.byteOffset + from, to - from).toString())
  }
  return found
}
