/**
 * What the worker tells of a frame, in 16 bytes and the SSID's:
 *
 *   0  1  1 if the fields are there
 *   1  1  signal in dBm, as a byte in two's complement; 127 when unknown
 *   2  2  channel, 0 when unknown
 *   4  6  transmitter, 0 when there is none
 *  10  6  BSSID, 0 when there is none
 *  16  n  SSID of a frame that names its network
 */
export const HEARD_BYTES = 16
export const NO_SIGNAL = 127

export interface Heard {
  readonly signal: number | undefined
  readonly channel: number | undefined
  /** 48 bits as an integer, 0 when there is none. */
  readonly transmitter: number
  readonly bssid: number
  readonly ssid: string
}

/** Reads what `heardEncoder` wrote of one event. */
export function readHeard(bytes: Uint8Array): Heard {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  const signal = view.getInt8(1)
  return {
    signal: signal === NO_SIGNAL ? undefined : signal,
    channel: view.getUint16(2) || undefined,
    transmitter: view.getUint16(4) * 2 ** 32 + view.getUint32(6),
    bssid: view.getUint16(10) * 2 ** 32 + view.getUint32(12),
    ssid: Buffer.from(bytes.subarray(HEARD_BYTES)).toString('utf8'),
  }
}
