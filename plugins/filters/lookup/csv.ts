/** Comma-separated values (RFC 4180): fields in quotes may hold commas, line breaks and doubled quotes. */

/**
 * The rows of a text, without empty lines.
 * @throws Error with the line where a quote is wrong
 */
export function parseCsv(text: string, separator: string): string[][] {
  const rows: string[][] = []
  let row: string[] = []
  let line = 1
  let at = text.startsWith('\ufeff') ? 1 : 0
  while (at < text.length) {
    let value = ''
    if (text[at] === '"') {
      const began = line
      for (at++; ; at++) {
        if (at >= text.length) throw new Error(`line ${began}: a quote is never closed`)
        if (text[at] === '\n') line++
        if (text[at] !== '"') value += text[at]
        else if (text[at + 1] === '"') value += text[at++]
        else break
      }
      at++
      if (at < text.length && text[at] !== separator && text[at] !== '\n' && text[at] !== '\r')
        throw new Error(`line ${line}: ${JSON.stringify(text[at])} behind a closing quote`)
    } else {
      const from = at
      while (at < text.length && text[at] !== separator && text[at] !== '\n' && text[at] !== '\r') at++
      value = text.slice(from, at)
    }
    row.push(value)
    if (text[at] === separator) {
      at++
      if (at < text.length) continue
      row.push('')
    }
    if (text[at] === '\r') at++
    if (text[at] === '\n') {
      at++
      line++
    }
    if (row.length > 1 || row[0] !== '') rows.push(row)
    row = []
  }
  return rows
}
