/** Text for terminals: colours only where somebody sees them, and tables. */
const CODES = { bold: 1, dim: 2, red: 31, green: 32, yellow: 33, cyan: 36 } as const

export type Colour = keyof typeof CODES

/** Colours a text when the stream is a terminal; `NO_COLOR` (no-color.org) turns that off. */
export function paint(text: string, colour: Colour, stream: { readonly isTTY?: boolean }): string {
  return stream.isTTY && !process.env.NO_COLOR ? `\x1b[${CODES[colour]}m${text}\x1b[0m` : text
}

/** Left-aligned columns, numbers right-aligned, two spaces between, each row with a line end. */
export function table(rows: readonly (readonly (string | number)[])[]): string {
  const widths: number[] = []
  for (const row of rows) for (const [i, cell] of row.entries()) widths[i] = Math.max(widths[i] ?? 0, String(cell).length)
  return rows
    .map(
      (row) =>
        `${row
          .map((cell, i) => (typeof cell === 'number' ? String(cell).padStart(widths[i]) : cell.padEnd(widths[i])))
          .join('  ')
          .trimEnd()}\n`,
    )
    .join('')
}
