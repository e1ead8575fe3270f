/**
 * The position that Kismet puts on packets: a custom option (code 2989) of private enterprise number 55922 in enhanced packet blocks.
 *
 * Behind the number: byte 0x47 ('G'), version 1, u16 length, u32 mask of what is present, then a u32 for each bit of the mask from the lowest up. What is
 * read is bounded by the option, not by the length inside. Numbers are fixed-point: degrees as (d + 180) · 1e7, metres as (m + 180000) · 1e4, errors as m · 1e6 (PPI's formats).
 */
import type { Event } from '../event/event.ts'
import { type Fields, fieldTable } from '../event/fields.ts'
import { u32 } from './bytes.ts'

export const kismetGps = fieldTable('kismet_gps', {
  location: { path: 'kismet.gps.location', type: 'point', class: 'position', source: 'Kismet', description: 'Where the sensor was.' },
  alt: { path: 'kismet.gps.alt', type: 'float', unit: 'm', class: 'position', source: 'Kismet', description: 'Altitude of the sensor.' },
  altGround: {
    path: 'kismet.gps.alt_ground',
    type: 'float',
    unit: 'm',
    class: 'position',
    source: 'Kismet',
    description: 'Height of the sensor above ground.',
  },
  speed: {
    path: 'kismet.gps.speed',
    type: 'float',
    class: 'position',
    source: 'Kismet',
    description: 'Speed of the sensor as the receiver gives it.',
  },
  heading: { path: 'kismet.gps.heading', type: 'float', unit: 'deg', class: 'position', source: 'Kismet', description: 'Where the sensor moves to.' },
  fix: {
    path: 'kismet.gps.fix',
    type: 'int',
    source: 'Kismet',
    description: 'Kind of fix: 2 without, 3 with altitude; below 2 there is no position.',
  },
  time: { path: 'kismet.gps.time', type: 'time', source: 'Kismet', description: 'When the position was taken.' },
  errorHorizontal: {
    path: 'kismet.gps.eph',
    type: 'float',
    unit: 'm',
    source: 'Kismet',
    description: 'Estimated horizontal error of the position.',
  },
  errorVertical: { path: 'kismet.gps.epv', type: 'float', unit: 'm', source: 'Kismet', description: 'Estimated vertical error of the position.' },
  hdop: { path: 'kismet.gps.hdop', type: 'float', source: 'Kismet', description: 'Horizontal dilution of precision.' },
  vdop: { path: 'kismet.gps.vdop', type: 'float', source: 'Kismet', description: 'Vertical dilution of precision.' },
  satellites: {
    path: 'kismet.gps.satellites',
    type: 'text',
    source: 'Kismet',
    description: 'Satellites as prn:elevation:azimuth:snr, separated by commas.',
  },
  connected: { path: 'kismet.gps.connected', type: 'bool', source: 'Kismet', description: 'Whether Kismet is connected to a GPS receiver.' },
  uuid: { path: 'kismet.gps.uuid', type: 'text', source: 'Kismet', description: 'Which receiver of Kismet it is.' },
})

/** Code of custom options that hold bytes. */
export const CUSTOM_BYTES = 2989
const KISMET_PEN = 55922
const MAGIC = 0x47
const HEAD_BYTES = 12

const LON = 0x2
const LAT = 0x4
const ALT = 0x8
const ALT_GROUND = 0x10
const EPH = 0x80
const EPV = 0x100
const TIME_HIGH = 0x400
const TIME_LOW = 0x800

/** @returns puts what a custom option says into the event; undefined where the pipeline does not have the fields */
export function gpsReader(fields: Fields): ((event: Event, data: Uint8Array, at: number, length: number, bigEndian: boolean) => void) | undefined {
  if (!fields.tables.includes(kismetGps)) return undefined
  const base = fields.base(kismetGps)
  const { at: place } = kismetGps
  return (event, data, at, length, bigEndian) => {
    if (length < HEAD_BYTES || u32(data, at, bigEndian) !== KISMET_PEN || data[at + 4] !== MAGIC || data[at + 5] !== 1) return
    const mask = u32(data, at + 8, bigEndian)
    const values = new Map<number, number>()
    let next = at + HEAD_BYTES
    for (let bit = 0; bit < 32 && next + 4 <= at + length; bit++) {
      const one = 2 ** bit
      if (Math.floor(mask / one) % 2 === 0) continue
      values.set(one, u32(data, next, bigEndian))
      next += 4
    }
    const put = (key: keyof typeof place, value: number | undefined, scale: (fixed: number) => number) => {
      if (value !== undefined) event.put(base + place[key], scale(value))
    }
    const lon = values.get(LON)
    const lat = values.get(LAT)
    if (lon !== undefined && lat !== undefined) {
      const latitude = degrees(lat)
      const longitude = degrees(lon)
      // 0, 0 is what Kismet writes when it has none.
      if (Math.abs(latitude) <= 90 && Math.abs(longitude) <= 180 && (latitude !== 0 || longitude !== 0))
        event.put(base + place.location, latitude, longitude)
    }
    put('alt', values.get(ALT), metres)
    put('altGround', values.get(ALT_GROUND), metres)
    put('errorHorizontal', values.get(EPH), (fixed) => fixed / 1e6)
    put('errorVertical', values.get(EPV), (fixed) => fixed / 1e6)
    const high = values.get(TIME_HIGH)
    const low = values.get(TIME_LOW)
    if (high !== undefined && low !== undefined) {
      const micros = high * 4294967296 + low
      const seconds = Math.floor(micros / 1e6)
      if (seconds > 0 && seconds <= 253402300799) event.put(base + place.time, seconds, (micros - seconds * 1e6) * 1000)
    }
  }
}

/** Subtracting before dividing keeps the digits that were written. */
function degrees(fixed: number): number {
  return (fixed - 1_800_000_000) / 1e7
}

function metres(fixed: number): number {
  return (fixed - 1_800_000_000) / 1e4
}
