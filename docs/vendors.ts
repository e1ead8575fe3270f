/** `npm run vendors`: packs the IEEE's registry, as the package oui-data has it, into the table that comes with Wherry. */
import { readFileSync, statSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { gzipSync } from 'node:zlib'
import { packageRoot } from '../core/config/root.ts'
import { parseRegistry } from '../plugins/filters/vendor/registry.ts'
import { packTable, VendorTable } from '../plugins/filters/vendor/table.ts'

const source = createRequire(import.meta.url).resolve('oui-data')
const { version } = JSON.parse(readFileSync(new URL('node_modules/oui-data/package.json', packageRoot()), 'utf8')) as { version: string }
const date = process.argv[2] === undefined ? statSync(source).mtimeMs : Date.parse(process.argv[2])
if (Number.isNaN(date)) throw new Error(`${process.argv[2]} is no date; give the day on which oui-data ${version} was published`)
const bytes = packTable(parseRegistry(readFileSync(source, 'utf8')), date)
const packed = gzipSync(bytes, { level: 9 })
writeFileSync(new URL('plugins/filters/vendor/vendors.bin.gz', packageRoot()), packed)
const { prefixes } = new VendorTable(bytes)
console.log(
  `oui-data ${version} of ${new Date(date).toISOString().slice(0, 10)}: ${prefixes} prefixes, ${bytes.length} bytes, ${packed.length} packed`,
)
