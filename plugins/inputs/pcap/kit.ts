/** Captures for the kit of contract tests. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { interfaceBlock, packetBlock, sectionBlock, statisticsBlock } from '../../../core/formats/pcapng-write.ts'
import type { Sample } from '../../../test/kit/index.ts'
import { capture, packet, range } from './testing.ts'

/** Two sections of different byte order, two interfaces each, statistics at their ends. */
function sections(): Uint8Array {
  return Buffer.concat(
    [false, true].flatMap((bigEndian) => [
      sectionBlock(bigEndian),
      interfaceBlock({ linkType: 127, name: 'wlan0' }, bigEndian),
      interfaceBlock({ linkType: 105, resolution: 9 }, bigEndian),
      ...range(0, 200).map((n) =>
        packetBlock(
          { interface: n % 2, time: BigInt(1_700_000_000 + n) * (n % 2 ? 1_000_000_000n : 1_000_000n), packet: packet(n, 60 + n) },
          bigEndian,
        ),
      ),
      statisticsBlock(0, 1_700_001_000_000_000n, { 4: 1000n, 5: 3n }, bigEndian),
    ]),
  )
}

export default {
  cases: [
    {
      name: 'classic captures, one of them twice and compressed',
      prepare: (folder) => {
        writeFileSync(join(folder, 'a.pcap'), capture(0, 500))
        writeFileSync(join(folder, 'b.pcap'), capture(1000, 1300, 120))
        writeFileSync(join(folder, 'c.pcap.gz'), gzipSync(capture(0, 500)))
        return { config: { path: join(folder, '*.pcap*') } }
      },
    },
    {
      name: 'pcapng',
      prepare: (folder) => {
        writeFileSync(join(folder, 'a.pcapng'), sections())
        return { config: { path: join(folder, 'a.pcapng') } }
      },
    },
    {
      name: 'a program',
      replayable: false,
      prepare: (folder) => {
        writeFileSync(join(folder, 'a'), capture(0, 100))
        return { config: { command: [process.execPath, '-e', 'fs.createReadStream(process.argv[1]).pipe(process.stdout)', join(folder, 'a')] } }
      },
    },
  ],
} satisfies Sample
