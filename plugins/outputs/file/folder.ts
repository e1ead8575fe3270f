/** Which folder a path pattern stays within. */

/** The folder part before the first directive. */
export function fixedFolder(pattern: string): string {
  const fixed = pattern.replaceAll('%%', '\0').split('%', 1)[0].replaceAll('\0', '%')
  const slash = fixed.lastIndexOf('/')
  return slash < 0 ? '.' : fixed.slice(0, slash) || '/'
}
