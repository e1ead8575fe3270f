/** How a command ends: 0 fine, 1 failed while running, 2 the user's mistake. */
export class ExitError extends Error {
  override readonly name = 'ExitError'
  readonly code: 1 | 2

  /** @param message empty when all has been said already */
  constructor(code: 1 | 2, message = '') {
    super(message)
    this.code = code
  }
}

let whenClosed = () => process.exit(0)

/** What to do when the reader of stdout has gone, as `head` does; by default the process ends quietly. */
export function onStdoutClosed(handler: () => void): void {
  whenClosed = handler as () => never
}

/** Without a listener a broken pipe would be an uncaught error with a stack. */
export function watchStdout(): void {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') whenClosed()
    else throw error
  })
  // Words that nobody reads any more are no reason to stop.
  process.stderr.on('error', () => undefined)
}

/** Resolves when all that was written has left the process. */
export async function drained(): Promise<void> {
  await Promise.all([process.stdout, process.stderr].map((stream) => new Promise<void>((resolve) => stream.write('', () => resolve()))))
}

/** Writes data to stdout and waits for it, so that a slow reader slows us down. */
export function print(data: string | Uint8Array): Promise<void> {
  return new Promise((resolve) => {
    process.stdout.write(data, () => resolve())
  })
}
