/** What was heard of one network, station or channel since its summary began. */

/** What a frame adds to every group that it belongs to; one object for all frames. */
export interface Heard {
  seconds: number
  nanos: number
  readonly id: Uint8Array
  bytes: number
  /** Place in `kinds`: 0 management, 1 control, 2 data, NaN for others. */
  kind: number
  retry: boolean
  /** NaN where it is not known; so are the channel and the network. */
  signal: number
  channel: number
  bssid: number
}

export class Group {
  /** Code of what it is, and its address or number. */
  readonly of: number
  readonly key: number
  readonly kinds = [0, 0, 0]
  frames = 0
  bytes = 0
  retries = 0
  signals = 0
  signalSum = 0
  signalMin = Number.POSITIVE_INFINITY
  signalMax = Number.NEGATIVE_INFINITY
  channel = Number.NaN
  bssid = Number.NaN
  /** Of a network: what its name comes to (see `digest`), as text and as bytes. */
  name = Number.NaN
  ssid: Uint8Array | undefined
  ssidHex: Uint8Array | undefined
  start = 0
  startNanos = 0
  end = 0
  endNanos = 0
  readonly firstId = new Uint8Array(24)
  readonly lastId = new Uint8Array(24)

  constructor(of: number, key: number) {
    this.of = of
    this.key = key
  }

  add({ seconds, nanos, id, bytes, kind, retry, signal, channel, bssid }: Heard): void {
    if (this.frames++ === 0) {
      this.start = seconds
      this.startNanos = nanos
      this.firstId.set(id)
    }
    this.end = seconds
    this.endNanos = nanos
    this.lastId.set(id)
    this.bytes += bytes
    if (kind <= 2) this.kinds[kind]++
    if (retry) this.retries++
    if (!Number.isNaN(channel)) this.channel = channel
    if (!Number.isNaN(bssid)) this.bssid = bssid
    if (Number.isNaN(signal)) return
    this.signals++
    this.signalSum += signal
    this.signalMin = Math.min(this.signalMin, signal)
    this.signalMax = Math.max(this.signalMax, signal)
  }
}
