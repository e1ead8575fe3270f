/** The thread ended: by itself, out of memory, or because a batch took too long. Apart from lane.ts, which loads piscina. */
export class ThreadDied extends Error {
  override readonly name = 'ThreadDied'
  /** Whether this request was being worked on; the others only waited. */
  readonly running: boolean
  constructor(message: string, running: boolean) {
    super(message)
    this.running = running
  }
}
