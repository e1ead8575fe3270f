/**
 * Where the parts of the current frame lie, and what its capture header says about the radio.
 *
 * One object for each place in the routes, filled anew by every `apply`. All of it is a function of the record's bytes, so that a
 * rollback of the event needs no rollback here. Places are offsets in `event.bytes`; -1 or NaN means "not there".
 */
export interface Place {
  /** First byte of the MAC header. */
  mac: number
  /** End of what was captured of the MAC frame, FCS excluded. */
  end: number
  /** First byte behind the MAC header, QoS, HT and mesh control included. */
  body: number
  /** Whether the record holds less than was on the air (snap length): then missing bytes are no damage. */
  cut: boolean
  /** Length of the FCS in the record: 4 where the capture header says so, else 0. */
  fcs: number
  /** Whether the capturing device found the FCS wrong. */
  badFcs: boolean
  /** Whether the header is padded to a multiple of 4 bytes. */
  padded: boolean
  /** Frame control, little-endian: byte 0 in the low bits. -1 when there is no frame. */
  control: number
  /** Place of the QoS control field. */
  qos: number
  /** Place of the HT control field. */
  htc: number
  /** Place of the mesh control field. */
  mesh: number
  /** First byte of LLC, in unprotected data. */
  llc: number
  /** The first subframe of an unencrypted A-MSDU to the distribution system, which has the destination. */
  subframe: number
  /** EtherType of what is above, -1 when there is none. */
  etherType: number
  /** First byte of what is above, behind LLC or the Ethernet header. */
  above: number
  readonly radio: Radio
}

/** What any capture header says about the reception. NaN where it does not. */
export interface Radio {
  signal: number
  noise: number
  /** MHz. */
  frequency: number
  channel: number
  /** Mb/s, as the header says; rates that follow from an MCS are computed later. */
  rate: number
  /** Code of Wireshark's `wlan_radio.phy`. */
  phy: number
  mcs: number
  /** 20, 40, 80, 160, 320 MHz. */
  width: number
  streams: number
  /** Guard interval in ns: 400, 800, 1600, 3200. */
  guard: number
  /** The TSF as high and low 32 bits. */
  tsfHigh: number
  tsfLow: number
}

export function newPlace(): Place {
  return {
    mac: -1,
    end: -1,
    body: -1,
    cut: false,
    fcs: 0,
    badFcs: false,
    padded: false,
    control: -1,
    qos: -1,
    htc: -1,
    mesh: -1,
    llc: -1,
    subframe: -1,
    etherType: -1,
    above: -1,
    radio: {
      signal: Number.NaN,
      noise: Number.NaN,
      frequency: Number.NaN,
      channel: Number.NaN,
      rate: Number.NaN,
      phy: Number.NaN,
      mcs: Number.NaN,
      width: Number.NaN,
      streams: Number.NaN,
      guard: Number.NaN,
      tsfHigh: Number.NaN,
      tsfLow: Number.NaN,
    },
  }
}

/** Forgets the last frame; header decoders reset the radio. */
export function resetPlace(place: Place): void {
  place.mac =
    place.end =
    place.body =
    place.control =
    place.qos =
    place.htc =
    place.mesh =
    place.llc =
    place.subframe =
    place.etherType =
    place.above =
      -1
  place.cut = place.badFcs = place.padded = false
  place.fcs = 0
}

/** Forgets what the last header said of the reading: signal, noise, time. */
export function resetReading(radio: Radio): void {
  radio.signal = radio.noise = radio.tsfHigh = radio.tsfLow = Number.NaN
}

/** Forgets what the last header said of the channel and how it was sent on it. */
export function resetChannel(radio: Radio): void {
  radio.frequency = radio.channel = radio.rate = radio.phy = radio.mcs = radio.width = radio.streams = radio.guard = Number.NaN
}
