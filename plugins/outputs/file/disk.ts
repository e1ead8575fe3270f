/** The file system calls that the output makes, so that a test can let them fail. */
import { access, type FileHandle, mkdir, open, readdir, rename, stat } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'

export interface Disk {
  open(path: string, flags: string): Promise<FileHandle>
  stat(path: string): Promise<FileInfo>
  rename(from: string, to: string): Promise<void>
  readdir(path: string): Promise<string[]>
  /** Makes a folder and its parents; returns the first one that was not there before. */
  mkdir(path: string): Promise<string | undefined>
  access(path: string, mode: number): Promise<void>
}

export interface FileInfo {
  readonly ino: number
  readonly dev: number
  readonly size: number
}

export const realDisk: Disk = {
  open: (path, flags) => open(path, flags),
  stat: (path) => stat(path),
  rename: (from, to) => rename(from, to),
  readdir: (path) => readdir(path),
  mkdir: (path) => mkdir(path, { recursive: true }),
  access: (path, mode) => access(path, mode),
}

/** Makes the folder of a path. Returns the folders whose entries are new, which are to be synced with the file. */
export async function makeFolder(disk: Disk, path: string): Promise<string[]> {
  const folder = dirname(path)
  const first = await disk.mkdir(folder)
  const changed = [folder]
  if (first !== undefined) for (let at = folder; at !== dirname(first) && at !== dirname(at); at = dirname(at)) changed.push(dirname(at))
  return changed
}

/** Makes new names in folders durable. */
export async function syncFolders(disk: Disk, folders: readonly string[]): Promise<void> {
  for (const folder of folders) {
    const handle = await disk.open(folder, 'r')
    try {
      await handle.sync()
    } catch (error) {
      // Some network and FUSE file systems cannot sync a folder.
      if ((error as NodeJS.ErrnoException).code !== 'EINVAL') throw error
    } finally {
      await handle.close()
    }
  }
}

/**
 * Renames a finished file to the next number behind all that there are: `air.ndjson.3`, `air.ndjson.3.gz`. Numbers only count up, so that a
 * finished file keeps its name for ever.
 */
export async function setAside(disk: Disk, path: string): Promise<string> {
  const ending = path.endsWith('.gz') ? '.gz' : ''
  const stem = path.slice(0, path.length - ending.length)
  let last = 0
  for (const name of await disk.readdir(dirname(path))) {
    const number = numberOf(name, basename(stem), ending)
    if (number > last) last = number
  }
  const to = join(dirname(path), `${basename(stem)}.${last + 1}${ending}`)
  await disk.rename(path, to)
  return to
}

function numberOf(name: string, stem: string, ending: string): number {
  if (!name.startsWith(`${stem}.`) || !name.endsWith(ending)) return 0
  const digits = name.slice(stem.length + 1, name.length - ending.length)
  return /^\d{1,9}$/.test(digits) ? Number(digits) : 0
}
