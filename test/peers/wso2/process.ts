/** The Python receiver as a process. It needs Debian's python3-thrift; PYTHON names the interpreter that has it. */
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { packageRoot } from '../../../core/config/root.ts'

const path = (name: string) => fileURLToPath(new URL(name, packageRoot()))

export const PYTHON = process.env.PYTHON ?? '/usr/bin/python3'
export const CA = path('test/tls/ca.pem')
export const publisher = path('test/peers/wso2/publisher.py')

export interface Counted {
  readonly events: number
  readonly bundles: number
  readonly malformed: number
  readonly logins: number
  readonly expired: number
}

export class PythonReceiver {
  readonly out: string
  receivers = ''
  auth = ''
  /** The same for the binary protocol. */
  binary = { receivers: '', auth: '' }
  readonly #child: ChildProcessWithoutNullStreams
  readonly #lines: AsyncIterator<string>

  /** @param options `cert` is one of test/tls: server or stock */
  constructor(out: string, { cert = 'server', more = [] }: { readonly cert?: string; readonly more?: readonly string[] } = {}) {
    this.out = out
    const files = ['--cert', path(`test/tls/${cert}.pem`), '--key', path(`test/tls/${cert}.key`)]
    this.#child = spawn(PYTHON, [path('test/peers/wso2/receiver.py'), ...files, '--out', out, ...more])
    this.#child.stderr.pipe(process.stderr)
    this.#lines = createInterface(this.#child.stdout)[Symbol.asyncIterator]()
  }

  async listen(): Promise<this> {
    const { plain, secure, binary, binary_secure } = (await this.#line()) as Record<string, number>
    this.receivers = `tcp://127.0.0.1:${plain}`
    this.auth = `ssl://127.0.0.1:${secure}`
    this.binary = { receivers: `tcp://127.0.0.1:${binary}`, auth: `ssl://127.0.0.1:${binary_secure}` }
    return this
  }

  tell(command: string): void {
    this.#child.stdin.write(`${command}\n`)
  }

  /** Ends it. */
  async counted(): Promise<Counted> {
    this.#child.stdin.end()
    return (await this.#line()) as Counted
  }

  async #line(): Promise<unknown> {
    const { value, done } = await this.#lines.next()
    if (done) throw new Error('the receiver has ended; is python3-thrift installed?')
    return JSON.parse(value as string)
  }
}
