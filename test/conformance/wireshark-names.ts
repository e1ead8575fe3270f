/**
 * `node dist/test/conformance/wireshark-names.js`: writes wireshark-names.txt, the names of our fields and their aliases that Wireshark has too, as the
 * installed `tshark -G fields` says. The reference page marks them; a test says when the list is stale.
 */
import { execFile } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { pathToFileURL } from 'node:url'
import { promisify } from 'node:util'
import { packageRoot } from '../../core/config/root.ts'
import { builtInTables } from '../../docs/tables.ts'

const FILE = new URL('test/conformance/wireshark-names.txt', packageRoot())
const VERSION = /\d+\.\d+\.\d+/

export interface Names {
  /** Of the tshark that said so. */
  readonly version: string
  readonly names: ReadonlySet<string>
}

/** The list as committed. */
export function listedNames(): Names {
  const [head, ...names] = readFileSync(FILE, 'utf8').trimEnd().split('\n')
  return { version: VERSION.exec(head)?.[0] ?? '', names: new Set(names) }
}

/** Paths and aliases of all built-in fields. */
export async function ownNames(): Promise<string[]> {
  return [...(await builtInTables()).keys()].flatMap(({ fields }) => fields.flatMap(({ path, alias = [] }) => [path, ...alias]))
}

/** What the installed tshark says; undefined where there is none. */
export async function installedNames(): Promise<Names | undefined> {
  const tshark = (...args: string[]) => promisify(execFile)('tshark', args, { maxBuffer: 2 ** 28 })
  try {
    const { stdout: about } = await tshark('--version')
    const { stdout: fields } = await tshark('-G', 'fields')
    const known = new Set(
      fields
        .split('\n')
        .filter((line) => line.startsWith('F\t'))
        .map((line) => line.split('\t')[2]),
    )
    return { version: VERSION.exec(about)?.[0] ?? '', names: new Set((await ownNames()).filter((name) => known.has(name)).sort()) }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  const found = await installedNames()
  if (!found) throw new Error('tshark is not installed')
  writeFileSync(
    FILE,
    `# tshark ${found.version} -G fields; written by node dist/test/conformance/wireshark-names.js\n${[...found.names].join('\n')}\n`,
  )
}
