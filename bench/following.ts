/** Wherry following a capture that grows: a program that is fed, watched and ended. Linux: it reads /proc. */
import { type ChildProcess, spawn } from 'node:child_process'
import { closeSync, openSync, readFileSync, writeSync } from 'node:fs'
import { fileHeader } from '../plugins/inputs/generate/write.ts'
import { ended } from '../test/program.ts'
import { type Load, type Piece, pieces } from './load.ts'

/** Grows a capture by the records of a longer one, so many at a time. */
export class GrowingCapture {
  readonly file: string
  readonly #fd: number
  readonly #pieces: Generator<Piece, undefined>
  #piece: Piece = { bytes: Buffer.alloc(0), ends: [] }
  /** Records of the piece that are written. */
  #written = 0

  constructor(file: string, { file: source }: Load) {
    this.file = file
    this.#fd = openSync(file, 'w')
    this.#pieces = pieces(source)
    writeSync(this.#fd, fileHeader())
  }

  /** @throws Error when the longer one has no more */
  append(records: number): void {
    for (let left = records; left > 0; ) {
      if (this.#written === this.#piece.ends.length) {
        const { value } = this.#pieces.next()
        if (value === undefined) throw new Error('no more records')
        this.#piece = value
        this.#written = 0
      }
      const { bytes, ends } = this.#piece
      const until = Math.min(this.#written + left, ends.length)
      const start = ends[this.#written - 1] ?? 0
      writeSync(this.#fd, bytes, start, ends[until - 1] - start)
      left -= until - this.#written
      this.#written = until
    }
  }

  close(): void {
    closeSync(this.#fd)
    this.#pieces.return(undefined)
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
