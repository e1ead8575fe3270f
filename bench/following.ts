/** Wherry following a capture that grows: a program that is fed, watched and ended. Linux: it reads /proc. */
import { type ChildProcess, spawn } from 'node:child_process'
import { closeSync, openSync, readFileSync, writeSync } from 'node:fs'
import { capture, fileHeader } from '../plugins/inputs/generate/write.ts'
import { ended } from '../test/program.ts'

const PCAP_RECORD_BYTES = 16
const START_MS = 1_735_689_600_000

/** Grows a capture by generated records, so many at a time. */
export class GrowingCapture {
  readonly file: string
  readonly #fd: number
  readonly #pieces = capture({ seed: 1, networks: 40, clients: 120, rate: 0, frames: Number.MAX_SAFE_INTEGER, start_ms: START_MS })
  #piece = Buffer.alloc(0)
  #at = 0

  constructor(file: string) {
    this.file = file
    this.#fd = openSync(file, 'w')
    writeSync(this.#fd, fileHeader())
    // Its own header.
    this.#pieces.next()
  }

  append(records: number): void {
    let start = this.#at
    for (let left = records; left > 0; left--) {
      if (this.#at === this.#piece.length) {
        writeSync(this.#fd, this.#piece, start)
        this.#piece = Buffer.from(this.#pieces.next().value!.bytes)
        start = this.#at = 0
      }
      this.#at += PCAP_RECORD_BYTES + this.#piece.readUInt32LE(this.#at + 8)
    }
    writeSync(this.#fd, this.#piece, start, this.#at - start)
  }

  close(): void {
    closeSync(this.#fd)
  }
}

export function start(program: string, config: string): ChildProcess {
  return spawn(process.execPath, [program, 'run', '-c', config], { stdio: ['ignore', 'ignore', 'pipe'] })
}

/** @throws Error with what it said when it did not end well */
export async function stop(child: ChildProcess): Promise<void> {
  let words = ''
  child.stderr?.on('data', (data) => (words = (words + data).slice(-2000)))
  child.kill('SIGINT')
  const { code } = await ended(child)
  if (code !== 0) throw new Error(`wherry ended with ${code}: ${words}`)
}

/** Resident memory of a process in MB, now and at its peak. */
export function resident(pid: number): { now: number; peak: number } {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8')
  const of = (name: string) => Number(new RegExp(`${name}:\\s+(\\d+)`).exec(status)?.[1] ?? 0) / 1024
  return { now: of('VmRSS'), peak: of('VmHWM') }
}
