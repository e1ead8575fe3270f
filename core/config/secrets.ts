/** Keeps what came from `${…}` out of everything that is printed. */

const MASK = '***'

/** Shorter secrets are masked only where they stand alone: a sensor named `pi` must not blacken every `ping`. */
const ANYWHERE = 4

/**
 * @param secrets values that came from variables and files
 * @returns a function that masks them in a text, also as they look inside JSON and URLs
 */
export function masker(secrets: Iterable<string>): (text: string) => string {
  const forms = new Set<string>()
  for (const secret of secrets) {
    if (secret === '') continue
    forms.add(secret)
    forms.add(JSON.stringify(secret).slice(1, -1))
    forms.add(encodeURIComponent(Buffer.from(secret).toString()))
  }
  if (forms.size === 0) return (text) => text
  // Longest first, so that no rest of a longer one is left.
  const parts = [...forms]
    .sort((x, y) => y.length - x.length)
    .map((form) => {
      const plain = form.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&')
      return form.length >= ANYWHERE ? plain : `(?<![\\p{L}\\p{N}])${plain}(?![\\p{L}\\p{N}])`
    })
  const pattern = new RegExp(parts.join('|'), 'gu')
  return (text) => text.replace(pattern, MASK)
}
