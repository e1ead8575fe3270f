/** Sizes as people write them: 65536, 64KB, 256MiB. */

const UNITS: Readonly<Record<string, number>> = { b: 1, kb: 1e3, mb: 1e6, gb: 1e9, kib: 2 ** 10, mib: 2 ** 20, gib: 2 ** 30 }

/** For the schema that editors see. */
export const SIZE_PATTERN = '^\\d+(\\.\\d+)? ?([kKmMgG]i?)?[bB]$'

export const SIZE_WORDS = 'a size such as 65536, 64KB or 256MiB'

/** Bytes, or undefined when it is no size with a unit. */
export function parseSize(text: string): number | undefined {
  const parts = /^(\d+(?:\.\d+)?) ?([kmg]?i?b)$/i.exec(text.trim())
  const unit = parts ? UNITS[parts[2].toLowerCase()] : undefined
  return parts && unit !== undefined ? Math.round(Number(parts[1]) * unit) : undefined
}

/** Whether an option holds a size: its unit is in its name. */
export function isSizeName(name: string): boolean {
  return name === 'bytes' || name.endsWith('_bytes')
}
