/**
 * A file system in memory for models. A crash keeps what was synced; of the rest any part may survive: writes are cut, left out or come without those before them,
 * names change in order. Every call can be made to fail, and a failed sync never writes those bytes, as on Linux.
 */
import type { Files, ReadableFile, WritableFile } from '../../core/files/files.ts'
import type { Random } from '../kit/random.ts'

interface Inode {
  data: Buffer
  durable: Buffer
  pending: { at: number; bytes: Buffer }[]
  names: number
  /** A sync has failed: nothing more becomes durable. */
  bad: boolean
}

type NameChange = { readonly path: string; readonly inode: Inode | undefined }

export type Call =
  | 'mkdir'
  | 'list'
  | 'read'
  | 'size'
  | 'open'
  | 'create'
  | 'truncate'
  | 'append'
  | 'rename'
  | 'unlink'
  | 'syncFolder'
  | 'sync'
  | 'pread'

export class FakeFiles implements Files {
  #names = new Map<string, Inode>()
  #durableNames = new Map<string, Inode>()
  #changes: NameChange[] = []
  /** Handles of an earlier life answer no more. */
  #life = 0
  readonly #random: Random
  /** Asked before every call: a code of an error to throw. */
  fault: (call: Call, path: string) => string | undefined = () => undefined
  /** Calls that change something. */
  changes = 0
  bytesWritten = 0

  constructor(random: Random) {
    this.#random = random
  }

  /** The power goes: only what is durable is left, and perhaps some of the rest. */
  crash(): void {
    this.#life++
    const random = this.#random
    const kept = random.below(this.#changes.length + 1)
    for (const change of this.#changes.slice(0, kept)) apply(this.#durableNames, change)
    this.#changes = []
    this.#names = new Map(this.#durableNames)
    for (const inode of new Set(this.#names.values())) {
      let data = inode.durable
      for (const { at, bytes } of inode.bad ? [] : inode.pending) {
        const fate = random.next()
        if (fate < 0.4) continue
        data = put(data, at, fate < 0.7 ? bytes.subarray(0, random.below(bytes.length + 1)) : bytes)
      }
      Object.assign(inode, { data, durable: data, pending: [], bad: false })
    }
    this.#count()
  }

  /** The process is killed; the system goes on. */
  kill(): void {
    this.#life++
  }

  /** The file system as one process sees it: after a crash or a kill it answers this process no more. */
  session(): Files {
    const life = this.#life
    const bound =
      (call: (...args: never[]) => Promise<unknown>) =>
      async (...args: never[]) => {
        this.#alive(life)
        return call.apply(this, args)
      }
    const calls = ['mkdir', 'list', 'read', 'size', 'open', 'create', 'truncate', 'append', 'rename', 'unlink', 'syncFolder'] as const
    return Object.fromEntries(calls.map((name) => [name, bound(this[name] as never)])) as unknown as Files
  }

  /** Deletes everything below a folder, under the feet of whoever has it open. */
  removeFolder(path: string): void {
    for (const name of [...this.#names.keys()]) if (name.startsWith(`${path}/`)) this.#change({ path: name, inode: undefined })
  }

  paths(): string[] {
    return [...this.#names.keys()].sort()
  }

  /** The bytes of a file, to damage them. */
  bytes(path: string): Buffer {
    return this.#names.get(path)!.data
  }

  put(path: string, data: Buffer): void {
    this.#change({ path, inode: { data, durable: data, pending: [], names: 0, bad: false } })
  }

  async mkdir(path: string): Promise<void> {
    this.#call('mkdir', path)
  }

  async list(path: string): Promise<string[]> {
    this.#call('list', path)
    const names = [...this.#names.keys()].filter((name) => name.startsWith(`${path}/`)).map((name) => name.slice(path.length + 1).split('/')[0])
    return [...new Set(names)]
  }

  async read(path: string): Promise<Uint8Array | undefined> {
    this.#call('read', path)
    return this.#names.get(path)?.data
  }

  async size(path: string): Promise<number | undefined> {
    this.#call('size', path)
    return this.#names.get(path)?.data.length
  }

  async open(path: string): Promise<ReadableFile> {
    this.#call('open', path)
    const inode = this.#inode(path)
    const life = this.#life
    return {
      read: async (into, at) => {
        this.#alive(life)
        this.#call('pread', path)
        const bytes = inode.data.subarray(at, at + into.length)
        into.set(bytes)
        return bytes.length
      },
      close: async () => undefined,
    }
  }

  async create(path: string): Promise<WritableFile> {
    this.#call('create', path)
    const inode: Inode = { data: Buffer.alloc(0), durable: Buffer.alloc(0), pending: [], names: 0, bad: false }
    this.#change({ path, inode })
    const life = this.#life
    return {
      append: async (pieces) => {
        this.#alive(life)
        this.#append(path, inode, Buffer.concat(pieces))
      },
      sync: async () => {
        this.#alive(life)
        this.#sync(path, inode)
      },
      deleted: async () => inode.names === 0,
      close: async () => undefined,
    }
  }

  async truncate(path: string, size: number): Promise<void> {
    this.#call('truncate', path)
    const inode = this.#inode(path)
    inode.data = inode.data.subarray(0, size)
    inode.durable = inode.durable.subarray(0, size)
    inode.pending = inode.pending.filter(({ at }) => at < size).map(({ at, bytes }) => ({ at, bytes: bytes.subarray(0, size - at) }))
  }

  async append(path: string, bytes: Uint8Array): Promise<void> {
    const inode = this.#inode(path)
    this.#append(path, inode, Buffer.from(bytes))
    this.#sync(path, inode)
  }

  async rename(from: string, to: string): Promise<void> {
    this.#call('rename', from)
    const inode = this.#inode(from)
    this.#change({ path: to, inode })
    this.#change({ path: from, inode: undefined })
  }

  async unlink(path: string): Promise<void> {
    this.#call('unlink', path)
    this.#inode(path)
    this.#change({ path, inode: undefined })
  }

  async syncFolder(path: string): Promise<void> {
    this.#call('syncFolder', path)
    for (const change of this.#changes) apply(this.#durableNames, change)
    this.#changes = []
  }

  #append(path: string, inode: Inode, bytes: Buffer): void {
    try {
      this.#call('append', path)
    } catch (error) {
      // Some of it may be there all the same.
      this.#write(inode, bytes.subarray(0, this.#random.below(bytes.length + 1)))
      throw error
    }
    this.#write(inode, bytes)
    this.bytesWritten += bytes.length
  }

  #write(inode: Inode, bytes: Buffer): void {
    inode.pending.push({ at: inode.data.length, bytes })
    inode.data = Buffer.concat([inode.data, bytes])
  }

  #sync(path: string, inode: Inode): void {
    try {
      this.#call('sync', path)
    } catch (error) {
      inode.bad = true
      inode.pending = []
      throw error
    }
    if (inode.bad) return
    inode.durable = inode.data
    inode.pending = []
  }

  #inode(path: string): Inode {
    const inode = this.#names.get(path)
    if (!inode) throw failure('ENOENT', path)
    return inode
  }

  #alive(life: number): void {
    if (life !== this.#life) throw failure('EBADF', 'a handle of an earlier life')
  }

  #call(call: Call, path: string): void {
    if (!READS.includes(call)) this.changes++
    const code = this.fault(call, path)
    if (code) throw failure(code, path)
  }

  #change(change: NameChange): void {
    apply(this.#names, change)
    this.#changes.push(change)
    this.#count()
  }

  #count(): void {
    for (const inode of this.#names.values()) inode.names = 0
    for (const inode of this.#names.values()) inode.names++
    for (const { inode } of this.#changes) if (inode && ![...this.#names.values()].includes(inode)) inode.names = 0
  }
}

const READS: readonly Call[] = ['list', 'read', 'size', 'open', 'pread']

function apply(names: Map<string, Inode>, { path, inode }: NameChange): void {
  if (!inode) {
    const old = names.get(path)
    names.delete(path)
    if (old && ![...names.values()].includes(old)) old.names = 0
  } else names.set(path, inode)
}

/** Writes at a place; what lies between is zeros, as in a file with a hole. */
function put(data: Buffer, at: number, bytes: Buffer): Buffer {
  const larger = Buffer.alloc(Math.max(data.length, at + bytes.length))
  data.copy(larger)
  bytes.copy(larger, at)
  return larger
}

function failure(code: string, path: string): Error {
  return Object.assign(new Error(`${code}: ${path}`), { code })
}
