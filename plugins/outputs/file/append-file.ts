/**
 * One file that payloads are appended to.
 *
 * Invariants
 * - One loop does everything to the file, so that bodies lie in it in the order of the calls and never within each other.
 * - `#synced ≤ #length`: below `#synced` everything is durable and acked, up to `#length` lie the bodies of `#written`, behind it nothing.
 * - What failed is not in the file: a failed append is cut back to `#length`, a failed sync to `#synced`. If the cut fails as well, the
 *   place is kept in `#cut` and the file is cut when it is opened again.
 * - With gzip nothing is appended before a sync is due, so that a member is what one sync covers.
 */
import type { FileHandle } from 'node:fs/promises'
import type { Clock, Log } from '../../../core/plugin.ts'
import { type Disk, type FileInfo, makeFolder, setAside, syncFolders } from './disk.ts'
import { gzipMember } from './member.ts'
import { endOfLines, endOfMembers } from './tail.ts'

/** Waiting bytes that make a sync due at once: beyond this the data wear out a card, not the syncs. */
const SYNC_BYTES = 8 * 1024 * 1024
/** A file without writes is closed after this. */
const IDLE_MS = 30_000

export interface AppendOptions {
  readonly path: string
  readonly gzip: boolean
  readonly sync_ms: number
  readonly rotate: { readonly max_bytes?: number; readonly interval_s?: number }
  readonly disk: Disk
  readonly clock: Clock
  readonly log: Log
}

/** A body on its way to the disk. */
export interface Piece {
  readonly body: Uint8Array
  /** Called once, when the body is durable. */
  resolve(): void
  /** Called once, when the body is not in the file and will not be. */
  reject(error: unknown): void
}

export class AppendFile {
  readonly #options: AppendOptions
  #handle: FileHandle | undefined
  /** Which file the handle is. */
  #inode: Pick<FileInfo, 'ino' | 'dev'> = { ino: 0, dev: 0 }
  /** False for /dev/null and its like, which have no size and no sync. */
  #regular = true
  #length = 0
  #synced = 0
  /** Wall clock of the file's beginning. */
  #born = 0
  /** Folders whose new entries the next sync covers. */
  #folders: string[] = []
  #cut: { ino: number; length: number } | undefined
  #waiting: Piece[] = []
  #written: Piece[] = []
  /** Bytes of the bodies in `#waiting` and `#written`. */
  #pending = 0
  #lastSync = Number.NEGATIVE_INFINITY
  #closing = false
  /** The loop, or the closing of an idle file: one of them at a time. */
  #work: Promise<void> | undefined
  #alarm: AbortController | undefined

  constructor(options: AppendOptions) {
    this.#options = options
  }

  /** Whether nothing is lost when this object is closed and forgotten. */
  get idle(): boolean {
    return this.#work === undefined && this.#waiting.length + this.#written.length === 0 && this.#cut === undefined
  }

  append(piece: Piece): void {
    this.#waiting.push(piece)
    this.#pending += piece.body.length
    this.#wake()
  }

  /** Takes back a body that has not been appended yet; false when it is too late for that. */
  withdraw(piece: Piece): boolean {
    const at = this.#waiting.indexOf(piece)
    if (at < 0) return false
    this.#waiting.splice(at, 1)
    this.#pending -= piece.body.length
    return true
  }

  /** Brings all that has been given to the disk and closes the file. */
  async close(): Promise<void> {
    this.#closing = true
    if (this.#next()) this.#wake()
    while (this.#work) await this.#work
    this.#alarm?.abort()
    await this.#release()
  }

  #wake(): void {
    this.#alarm?.abort()
    if (!this.#work) this.#begin(this.#run())
  }

  #begin(work: Promise<void>): void {
    this.#work = work.finally(() => {
      this.#work = undefined
      if (this.#next()) this.#wake()
      else this.#sleep()
    })
  }

  async #run(): Promise<void> {
    for (let step = this.#next(); step; step = this.#next()) await (step === 'sync' ? this.#sync() : this.#append())
  }

  #next(): 'append' | 'sync' | undefined {
    const due = this.#dueIn() <= 0
    // What waits is appended first, so that the sync covers it too; but a member is synced before the next one is begun.
    const enough = this.#options.gzip || this.#waiting.length === 0 || this.#length - this.#synced >= SYNC_BYTES
    if (due && enough && this.#written.length > 0) return 'sync'
    return this.#waiting.length > 0 && (due || !this.#options.gzip) ? 'append' : undefined
  }

  /** Comes back when a sync is due, or when the file has been idle for long. */
  #sleep(): void {
    const busy = this.#waiting.length + this.#written.length > 0
    if (!busy && (this.#closing || !this.#handle)) return
    const alarm = new AbortController()
    this.#alarm = alarm
    void this.#options.clock.sleep(busy ? this.#dueIn() : IDLE_MS, alarm.signal).then(() => {
      if (alarm.signal.aborted) return
      if (busy) this.#wake()
      else this.#begin(this.#release())
    })
  }

  #dueIn(): number {
    if (this.#closing || this.#pending >= SYNC_BYTES) return 0
    return this.#lastSync + this.#options.sync_ms - this.#options.clock.monotonic()
  }

  async #append(): Promise<void> {
    const pieces = this.#take()
    let bodies: readonly Uint8Array[] = pieces.map((piece) => piece.body)
    try {
      if (this.#options.gzip) bodies = [await gzipMember(bodies)]
      const bytes = bodies.reduce((sum, body) => sum + body.length, 0)
      const handle = await this.#ready(bytes)
      if (this.#length === 0) this.#born = this.#options.clock.now()
      await writeAll(handle, bodies)
      this.#length += bytes
      this.#written.push(...pieces)
    } catch (error) {
      const kept = await this.#cutBack(this.#length)
      this.#fail(kept ? pieces : [...this.#written.splice(0), ...pieces], error)
    }
  }

  /** What goes into the file at once: everything, but of a member about so much as makes a sync due. */
  #take(): Piece[] {
    let count = 0
    for (let bytes = 0; count < this.#waiting.length && bytes < SYNC_BYTES; count++) bytes += this.#waiting[count].body.length
    return this.#waiting.splice(0, count)
  }

  async #sync(): Promise<void> {
    this.#lastSync = this.#options.clock.monotonic()
    const pieces = this.#written.splice(0)
    try {
      if (this.#regular) {
        await this.#handle?.datasync()
        await syncFolders(this.#options.disk, this.#folders)
        this.#folders = []
      }
      this.#synced = this.#length
      for (const piece of pieces) {
        this.#pending -= piece.body.length
        piece.resolve()
      }
    } catch (error) {
      // The kernel may have dropped the pages and reports that once only: they are written again, never just synced again.
      await this.#cutBack(this.#synced)
      this.#fail(pieces, error)
    }
  }

  #fail(pieces: readonly Piece[], cause: unknown): void {
    const message = `${this.#options.path}: ${cause instanceof Error ? cause.message : String(cause)}`
    const error = Object.assign(new Error(message, { cause }), { code: (cause as NodeJS.ErrnoException | undefined)?.code })
    for (const piece of pieces) {
      this.#pending -= piece.body.length
      piece.reject(error)
    }
  }

  /** Cuts the file back. When that fails too it is closed and cut to its durable part before anything else is appended; then the result is false. */
  async #cutBack(length: number): Promise<boolean> {
    if (!this.#handle || !this.#regular) return true
    try {
      await this.#handle.truncate(length)
      this.#length = length
      return true
    } catch {
      this.#cut = { ino: this.#inode.ino, length: this.#synced }
      await this.#release()
      return false
    }
  }

  /** The open file, in which `bytes` more find room. */
  async #ready(bytes: number): Promise<FileHandle> {
    if (this.#handle && !(await this.#stillThere())) await this.#leave()
    let handle = this.#handle ?? (await this.#open())
    while (this.#isFull(bytes)) {
      await this.#leave()
      // What could not be cut back is cut as it is opened again, before the file gets its last name.
      if (!this.#cut) await setAside(this.#options.disk, this.#options.path)
      handle = await this.#open()
    }
    return handle
  }

  /** False when somebody moved or removed the file; its length may also have been changed, as by logrotate's copytruncate. */
  async #stillThere(): Promise<boolean> {
    const { disk, path } = this.#options
    const info = await disk.stat(path).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return undefined
      throw error
    })
    if (info?.ino !== this.#inode.ino || info.dev !== this.#inode.dev) return false
    if (this.#regular) {
      this.#length = info.size
      this.#synced = Math.min(this.#synced, info.size)
    }
    return true
  }

  #isFull(bytes: number): boolean {
    if (!this.#regular || this.#length === 0) return false
    const { max_bytes, interval_s } = this.#options.rotate
    if (max_bytes !== undefined && this.#length + bytes > max_bytes) return true
    return interval_s !== undefined && this.#options.clock.now() - this.#born >= interval_s * 1000
  }

  /** Ends with this file, under whatever name it has. */
  async #leave(): Promise<void> {
    if (this.#written.length > 0) await this.#sync()
    await this.#release()
  }

  async #open(): Promise<FileHandle> {
    const { disk, path } = this.#options
    this.#folders = await makeFolder(disk, path)
    for (;;) {
      const handle = await disk.open(path, 'a+')
      try {
        const usable = await this.#adopt(handle)
        if (usable) return (this.#handle = handle)
      } catch (error) {
        await handle.close()
        throw error
      }
      await handle.close()
      this.#options.log.warn(`${path} is not a file of this output; it is now ${await setAside(disk, path)}`)
    }
  }

  /** Takes over what there is of a file; false when it is not ours. */
  async #adopt(handle: FileHandle): Promise<boolean> {
    const { path, gzip, log } = this.#options
    const info = await handle.stat()
    this.#inode = info
    this.#regular = info.isFile()
    if (!this.#regular && !info.isCharacterDevice()) throw new Error('is neither a regular file nor a device')
    this.#length = this.#synced = 0
    if (!this.#regular) return true
    let { size } = info
    if (this.#cut && this.#cut.ino === info.ino && this.#cut.length < size) size = this.#cut.length
    const end = gzip ? await endOfMembers(handle, size) : await endOfLines(handle, size)
    if (end === undefined) return false
    if (end < info.size) await handle.truncate(end)
    if (end < size) log.warn(`${path}: cut ${size - end} bytes of an unfinished ${gzip ? 'gzip member' : 'line'} from an earlier run`)
    this.#cut = undefined
    this.#length = this.#synced = end
    this.#born = info.birthtimeMs || info.mtimeMs
    return true
  }

  async #release(): Promise<void> {
    const handle = this.#handle
    this.#handle = undefined
    // All that counts has been synced; an error here has nobody to tell.
    await handle?.close().catch(() => undefined)
  }
}

/** Appends all, in as few calls as the kernel lets us. */
async function writeAll(handle: FileHandle, bodies: readonly Uint8Array[]): Promise<void> {
  let rest = bodies.filter((body) => body.length > 0)
  while (rest.length > 0) {
    let { bytesWritten } = await handle.writev(rest)
    if (bytesWritten === 0) throw Object.assign(new Error('nothing could be written'), { code: 'EIO' })
    let done = 0
    while (done < rest.length && bytesWritten >= rest[done].length) bytesWritten -= rest[done++].length
    rest = rest.slice(done)
    if (bytesWritten > 0) rest[0] = rest[0].subarray(bytesWritten)
  }
}
