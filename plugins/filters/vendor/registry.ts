/** Lists of who has which address prefix, as they are published: the registry's CSV, Wireshark's `manuf`, JSON. */

/** Prefix as 6, 7 or 9 hex digits in lower case, and the organisation. */
export type Assignment = readonly [prefix: string, name: string]

const DIGITS: Readonly<Record<number, number>> = { 24: 6, 28: 7, 36: 9 }

/**
 * @param text the IEEE's `oui.csv`, `mam.csv` or `oui36.csv`, Wireshark's `manuf`, or JSON with names by prefix
 * @throws Error when it is none of these
 */
export function parseRegistry(text: string): Assignment[] {
  const found = text.trimStart().startsWith('{') ? fromJson(text) : /^\uFEFF?Registry,Assignment,/.test(text) ? fromCsv(text) : fromManuf(text)
  if (found.length === 0)
    throw new Error("no list of vendors: it may be the IEEE's oui.csv, mam.csv or oui36.csv, Wireshark's manuf, or JSON with names by prefix")
  return found
}

function fromJson(text: string): Assignment[] {
  const all = JSON.parse(text) as Record<string, unknown>
  return Object.entries(all).flatMap(([prefix, name]) => (typeof name === 'string' ? assignment(prefix, name) : []))
}

/** Registry,Assignment,Organization Name,…; values with commas in quotes, quotes doubled. */
function fromCsv(text: string): Assignment[] {
  const row = /^[^,\n]*,([0-9A-Fa-f]+),(?:"((?:[^"]|"")*)"|([^,\n]*))/gm
  return [...text.matchAll(row)].flatMap(([, prefix, quoted, plain]) =>
    assignment(prefix, quoted === undefined ? plain : quoted.replaceAll('""', '"')),
  )
}

/** Prefix with colons and maybe its length, a short name, and the whole one. */
function fromManuf(text: string): Assignment[] {
  const row = /^([0-9A-Fa-f]{2}(?:[:-][0-9A-Fa-f]{2}){2,5})(?:\/(\d+))?[ \t]+(\S+)(?:[ \t]+([^\n#]*))?/gm
  return [...text.matchAll(row)].flatMap(([, address, bits = '24', short, long]) => {
    const digits = DIGITS[Number(bits)]
    return digits === undefined ? [] : assignment(address.replace(/[:-]/g, '').slice(0, digits), long?.trim() || short)
  })
}

/** Nobody is told by a name that says it is private. */
function assignment(prefix: string, text: string): Assignment[] {
  const name = text.split('\n')[0].replace(/\s+/g, ' ').trim()
  return /^([0-9a-f]{6}|[0-9a-f]{7}|[0-9a-f]{9})$/i.test(prefix) && name !== '' && name !== 'Private' ? [[prefix.toLowerCase(), name]] : []
}
