/** The word somebody probably meant. */

/**
 * The nearest of the words by edit distance, or one that begins with what was written.
 * @returns undefined when nothing is near
 */
export function nearest(written: string, words: Iterable<string>): string | undefined {
  const from = plain(written)
  if (from.length > LONGEST) return undefined
  let best: string | undefined
  let least = Math.max(1, Math.floor(from.length / 3)) + 1
  for (const word of words) {
    if (word === written) continue
    const to = plain(word)
    const far = from.length >= 3 && to.startsWith(from) ? 1 : distance(from, to)
    if (far < least && far < to.length) {
      least = far
      best = word
    }
  }
  return best
}

/** Longer names are no misspelt words, and the distance of two of them would cost time. */
const LONGEST = 100

function plain(word: string): string {
  return word.toLowerCase().replaceAll('-', '_')
}

/** Insertions, deletions, replacements and swapped neighbours between two words (optimal string alignment). */
export function distance(x: string, y: string): number {
  let before: number[] = []
  let last = Array.from({ length: y.length + 1 }, (_, j) => j)
  for (let i = 1; i <= x.length; i++) {
    const row = [i]
    for (let j = 1; j <= y.length; j++) {
      const cost = x[i - 1] === y[j - 1] ? 0 : 1
      row[j] = Math.min(last[j] + 1, row[j - 1] + 1, last[j - 1] + cost)
      if (i > 1 && j > 1 && x[i - 1] === y[j - 2] && x[i - 2] === y[j - 1]) row[j] = Math.min(row[j], before[j - 2] + 1)
    }
    before = last
    last = row
  }
  return last[y.length]
}
