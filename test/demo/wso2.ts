/** `npm run demo:wso2`: a scripted Kismet of 2016, Wherry with examples/kismet-to-wso2.yml, a databridge in Python; prints the rows that arrive. */
import { spawn } from 'node:child_process'
import { copyFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { packageRoot } from '../../core/config/root.ts'
import { LegacyServer } from '../peers/kismet-legacy/server.ts'
import { CA, PythonReceiver } from '../peers/wso2/process.ts'
import { ended, program } from '../program.ts'

const CLIENTS = 3
const PATIENCE_S = 30

const now = () => Math.floor(Date.now() / 1000)
const folder = mkdtempSync(join(tmpdir(), 'wherry-demo-'))
const config = join(folder, 'shipper.yml')
copyFileSync(fileURLToPath(new URL('examples/kismet-to-wso2.yml', packageRoot())), config)
const kismet = await new LegacyServer({ start: now() - 100, now }).listen()
for (let i = 1; i <= CLIENTS; i++)
  kismet.set('CLIENT', {
    bssid: '00:0B:86:C2:A4:85',
    mac: `00:13:CE:55:98:0${i}`,
    lasttime: now(),
    type: 4,
    llcpackets: 10 * i,
    datapackets: i,
    signal_dbm: -40 - i,
    bestlat: 52.5 + i / 100,
    bestlon: 13.4,
    channel: 6,
    datasize: 1000 * i,
    newpackets: i,
  })
const bam = await new PythonReceiver(join(folder, 'rows')).listen()
const env = { ...process.env, KISMET: kismet.address, WSO2_RECEIVERS: bam.receivers, WSO2_AUTH: bam.auth, WSO2_CA: CA }
const wherry = spawn(process.execPath, [program, 'run', '-c', config], { cwd: folder, env, stdio: ['ignore', 'ignore', 'inherit'] })
const rows = () => readFileSync(bam.out, 'utf8').split('\n').slice(0, -1)
for (let i = 0; i < PATIENCE_S && rows().length < CLIENTS && wherry.exitCode === null; i++) {
  kismet.tick()
  await new Promise((resolve) => setTimeout(resolve, 1000))
}
wherry.kill('SIGTERM')
await ended(wherry)
await kismet.close()
for (const row of rows()) console.log(row)
const { logins, malformed } = await bam.counted()
const good = rows().length >= CLIENTS && malformed === 0
console.log(good ? `${rows().length} rows of rpi_kismet_stream_in:1.0.0, ${logins} login` : 'the rows did not arrive')
rmSync(folder, { recursive: true })
process.exit(good ? 0 : 1)
