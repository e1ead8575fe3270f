/** `wherry schema`: the JSON Schema of a whole config, for editors. */
import type { Command } from 'commander'
import { configSchema } from '../core/config/config-schema.ts'
import { print } from './exit.ts'
import { examples } from './options.ts'

export function add(program: Command): void {
  const command = program
    .command('schema')
    .description('print the JSON Schema of the config, for completion in editors')
    .action(async () => print(`${JSON.stringify(await configSchema(), undefined, 2)}\n`))
  examples(command, [
    'name it in the first line of shipper.yml: # yaml-language-server: $schema=shipper.schema.json',
    'wherry schema > shipper.schema.json',
  ])
}
