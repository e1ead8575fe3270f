/** Lines of a socket. */
import type { Socket } from 'node:net'

export interface LineSink {
  /** A line without its line end: bytes[from … to), valid during the call. */
  line(bytes: Buffer, from: number, to: number): void
  /** A line longer than allowed was passed over. */
  long(bytes: number): void
  /** All lines of a piece have been given. */
  piece(): void
  closed(reason: string): void
}

const LINE_END = 10
const CARRIAGE_RETURN = 13

/** Gives the lines of a socket to the sink as they come. Half a line at the end is not given. */
export function readLines(socket: Socket, longest: number, sink: LineSink): void {
  let rest: Buffer = Buffer.alloc(0)
  /** Bytes of a line that is being passed over. */
  let passed = 0
  socket.on('data', (data: Buffer) => {
    const bytes = rest.length === 0 ? data : Buffer.concat([rest, data])
    let at = 0
    for (let end = bytes.indexOf(LINE_END, rest.length); end >= 0; end = bytes.indexOf(LINE_END, at)) {
      if (passed > 0) {
        sink.long(passed + end - at)
        passed = 0
      } else if (end - at > longest) sink.long(end - at)
      else sink.line(bytes, at, end > at && bytes[end - 1] === CARRIAGE_RETURN ? end - 1 : end)
      at = end + 1
    }
    if (passed > 0 || bytes.length - at > longest) {
      passed += bytes.length - at
      rest = Buffer.alloc(0)
    } else rest = Buffer.from(bytes.subarray(at))
    sink.piece()
  })
  socket.on('end', () => sink.closed('Kismet closed the connection'))
  socket.on('error', (error) => sink.closed(error.message))
  socket.on('close', () => sink.closed('the connection is closed'))
}
