/** Generated code in pieces: what the writers of all encodings have in common. The code is cut into functions of some twenty fields, since V8 does not optimise very large ones. */

/** Fields in one generated function. */
export const CHUNK = 20

export interface Piece {
  readonly code: string
  /** Presence bits that this piece writes, by word. */
  readonly bits: ReadonlyMap<number, number>
  readonly size: number
}

export class Pieces {
  /** Source of the functions made so far, each `(e, out, o)` and answering the next `o`. */
  readonly functions: string[] = []

  /** Code of pieces within the function that calls it; at the top level that is the writer itself. */
  run(pieces: Piece[]): string {
    return (sum(pieces) > CHUNK ? this.#chunks(pieces) : pieces).map((piece) => piece.code).join('\n')
  }

  /** Moves runs of pieces into functions of their own. */
  #chunks(pieces: Piece[]): Piece[] {
    const calls: Piece[] = []
    let run: Piece[] = []
    const close = () => {
      if (run.length === 0) return
      const name = `chunk${this.functions.length}`
      const bits = union(run)
      this.functions.push(`function ${name}(e, out, o) {
  ${declarations(bits)}
  let buf = out.buf, view = out.view
  ${run.map((piece) => piece.code).join('\n')}
  return o
}`)
      calls.push({ code: `if (${test(bits)}) { o = ${name}(e, out, o); buf = out.buf; view = out.view }`, bits, size: 1 })
      run = []
    }
    for (const piece of pieces) {
      if (sum(run) + piece.size > CHUNK) close()
      run.push(piece)
    }
    close()
    return calls
  }
}

export function union(pieces: readonly Piece[]): Map<number, number> {
  const bits = new Map<number, number>()
  for (const piece of pieces) for (const [word, mask] of piece.bits) bits.set(word, (bits.get(word) ?? 0) | mask)
  return bits
}

export function sum(pieces: readonly Piece[]): number {
  return pieces.reduce((total, piece) => total + piece.size, 0)
}

/** Statements that name the presence words. */
export function declarations(bits: ReadonlyMap<number, number>): string {
  return `const { has, show } = e; ${[...bits.keys()].map((word) => `const w${word} = has[${word}] & show[${word}]`).join('; ')}`
}

/** An expression that is not 0 when any of the bits is set. */
export function test(bits: ReadonlyMap<number, number>): string {
  return [...bits].map(([word, mask]) => `(w${word} & ${mask})`).join(' | ')
}
