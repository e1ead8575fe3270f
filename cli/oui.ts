/** `wherry oui update`: replaces the table of vendors by newer lists. */
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Command } from 'commander'
import { type Assignment, parseRegistry } from '../plugins/filters/vendor/registry.ts'
import { packTable, VendorTable } from '../plugins/filters/vendor/table.ts'
import { ExitError } from './exit.ts'
import { openConfig } from './open-config.ts'
import { type ConfigOptions, examples, withConfig } from './options.ts'

/** Read by the filter `vendor`. */
const TABLE = 'oui.bin'

export function add(program: Command): void {
  const oui = program.command('oui').description('the table of vendors that the filter `vendor` uses')
  const update = withConfig(
    oui
      .command('update <files...>')
      .description("replace it by lists of prefixes: the IEEE's oui.csv, mam.csv and oui36.csv, Wireshark's manuf, or JSON with names by prefix"),
  ).action(async (files: string[], _, command: Command) => write(command.optsWithGlobals(), files))
  examples(update, ["the IEEE's three lists", 'wherry oui update oui.csv mam.csv oui36.csv'])
}

async function write(options: ConfigOptions, files: readonly string[]): Promise<void> {
  const { config, log } = await openConfig(options)
  try {
    const all: Assignment[] = []
    for (const file of files) all.push(...(await read(file)))
    const bytes = packTable(all, Date.now())
    const path = join(config.shipper.data_dir, TABLE)
    await mkdir(config.shipper.data_dir, { recursive: true })
    // A running shipper never sees half of it.
    await writeFile(`${path}.new`, bytes)
    await rename(`${path}.new`, path)
    process.stderr.write(`${path}: ${new VendorTable(bytes).prefixes} prefixes; a running shipper takes it within a minute\n`)
  } finally {
    await log.close()
  }
}

async function read(file: string): Promise<Assignment[]> {
  try {
    return parseRegistry(await readFile(file, 'utf8'))
  } catch (error) {
    throw new ExitError(2, `${file}: ${(error as Error).message}`)
  }
}
