/** A place in a capture as the checkpoint keeps it. */
import type { Position } from '../../../core/plugin.ts'

export interface Place {
  /** Hash of the beginning; the stream's name, but for copies. */
  readonly identity: string
  /** Bytes read of the capture, inflated where it is compressed. */
  readonly offset: number
  /** Packets read. */
  readonly frames: number
  /** Where the capture was last seen. */
  readonly path: string
  readonly dev: number
  readonly ino: number
  /** Bytes of the file that had not been read though they were there. */
  readonly unread: number
  /** Header or section and interface blocks up to `offset`, in base64. */
  readonly blocks: string
  /** Offset of the last record, and its first bytes in hex, by which a file is recognised. */
  readonly last: number
  readonly head: string
  /** Capture time of the last record. */
  readonly seconds: number
  readonly nanos: number
}

/** The place before anything was read, but for what it is of. */
export const NOWHERE = { offset: 0, frames: 0, blocks: '', last: 0, head: '', seconds: 0, nanos: 0 } as const

const NUMBERS = ['offset', 'frames', 'dev', 'ino', 'unread', 'last', 'seconds', 'nanos'] as const
const TEXTS = ['identity', 'path', 'blocks', 'head'] as const

/** A place from the checkpoint; undefined when it is not one of ours, which is then read from the start. */
export function readPlace(position: Position): Place | undefined {
  const good = NUMBERS.every((key) => typeof position[key] === 'number') && TEXTS.every((key) => typeof position[key] === 'string')
  return good ? (position as unknown as Place) : undefined
}

/** Positions are plain JSON. */
export function toPosition(place: Place): Position {
  return { ...place }
}
