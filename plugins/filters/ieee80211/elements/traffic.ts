/** Elements whose content changes from beacon to beacon: traffic map and load. They have tables of their own, so that all others repeat. */
import type { Event } from '../../../../core/event/event.ts'
import { type Fields, fieldTable } from '../../../../core/event/fields.ts'
import { u16 } from '../bytes.ts'
import type { Family } from './chain.ts'

const full = { type: 'int', emit: 'full' } as const

export const traffic = fieldTable('traffic', {
  dtimCount: { ...full, path: 'wlan.tim.dtim_count', description: 'Beacons until the next DTIM.', source: '9.4.2.5' },
  dtimPeriod: { path: 'wlan.tim.dtim_period', type: 'int', emit: 'full', description: 'Beacons from DTIM to DTIM.', source: '9.4.2.5' },
  bitmapControl: { ...full, path: 'wlan.tim.bmapctl', description: 'Bitmap control.', source: '9.4.2.5' },
  bitmap: { path: 'wlan.tim.partial_virtual_bitmap', type: 'bytes', emit: 'full', description: 'For whom something is buffered.', source: '9.4.2.5' },
})

/** Apart from the map, which few ask for. */
export const load = fieldTable('traffic', {
  stations: { path: 'wlan.qbss.scount', type: 'int', description: 'Stations associated.', source: '9.4.2.27' },
  utilization: { path: 'wlan.qbss.cu', type: 'int', description: 'Channel utilization, 255 is all the time.', source: '9.4.2.27' },
  admission: { ...full, path: 'wlan.qbss.adc', description: 'Admission capacity left, in 32 us/s.', source: '9.4.2.27' },
})

/** Ids of these elements. */
export const TIM = 5
export const BSS_LOAD = 11

export function varies(id: number): boolean {
  return id === TIM || id === BSS_LOAD
}

export const trafficFamily: Family = {
  table: traffic,
  make(fields: Fields) {
    const base = fields.base(traffic)
    const f = traffic.at
    /** A field that is one byte of its element. */
    const byte = (event: Event, key: number, at: number, end: number) => {
      if (at < end) event.put(base + key, event.bytes[at])
    }

    const tim = (event: Event, at: number, end: number) => {
      byte(event, f.dtimCount, at, end)
      byte(event, f.dtimPeriod, at + 1, end)
      byte(event, f.bitmapControl, at + 2, end)
      if (at + 3 < end) event.put(base + f.bitmap, at + 3, end - at - 3)
    }

    return { first: { [TIM]: tim } }
  },
}

export const loadFamily: Family = {
  table: load,
  make(fields: Fields) {
    const base = fields.base(load)
    const f = load.at
    return {
      first: {
        [BSS_LOAD]: (event, at, end) => {
          if (end - at < 5) return
          event.put(base + f.stations, u16(event.bytes, at))
          event.put(base + f.utilization, event.bytes[at + 2])
          event.put(base + f.admission, u16(event.bytes, at + 3))
        },
      },
    }
  },
}
