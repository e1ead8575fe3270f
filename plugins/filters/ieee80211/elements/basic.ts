/** Elements that every beacon has. */

import type { Event } from '../../../../core/event/event.ts'
import { type Fields, fieldTable } from '../../../../core/event/fields.ts'
import { u16 } from '../bytes.ts'
import { putByteList, putText } from '../put.ts'
import type { Family } from './chain.ts'

const full = { type: 'int', emit: 'full' } as const

export const basic = fieldTable(
  'elements',
  {
    ssid: { path: 'wlan.ssid', type: 'text', class: 'ssid', description: 'Network name, where it is valid UTF-8.', source: '9.4.2.2' },
    ssidHex: {
      path: 'wlan.ssid_hex',
      type: 'bytes',
      class: 'ssid',
      description: 'Network name as it was sent; empty for the wildcard.',
      source: '9.4.2.2',
    },
    hidden: { path: 'wlan.ssid_hidden', type: 'bool', description: 'The name is empty or only zero bytes.', source: '9.4.2.2' },
    rates: {
      path: 'wlan.supported_rates',
      type: 'int',
      list: true,
      unit: '500 kb/s',
      emit: 'full',
      description: 'Rates; 0x80 marks the basic ones.',
      source: '9.4.2.3',
    },
    extendedRates: {
      path: 'wlan.extended_supported_rates',
      type: 'int',
      list: true,
      unit: '500 kb/s',
      emit: 'full',
      description: 'More rates.',
      source: '9.4.2.13',
    },
    channel: { path: 'wlan.ds.current_channel', type: 'int', description: 'Channel of the network.', source: '9.4.2.4' },
    country: { path: 'wlan.country_info.code', type: 'text', description: 'Country.', source: '9.4.2.8' },
    environment: { ...full, path: 'wlan.country_info.environment', description: 'Environment: 32 any, 73 indoor, 79 outdoor.', source: '9.4.2.8' },
    countryFirst: { ...full, list: true, path: 'wlan.country_info.fnm.fcn', description: 'First channels.', source: '9.4.2.8' },
    countryCount: { ...full, list: true, path: 'wlan.country_info.fnm.nc', description: 'Numbers of channels.', source: '9.4.2.8' },
    countryPower: { ...full, list: true, path: 'wlan.country_info.fnm.mtpl', unit: 'dBm', description: 'Highest powers.', source: '9.4.2.8' },
    powerConstraint: { ...full, path: 'wlan.powercon.local', unit: 'dB', description: 'Power constraint.', source: '9.4.2.13' },
    csaMode: { ...full, path: 'wlan.csa.channel_switch_mode', description: 'Mode of a channel switch.', source: '9.4.2.18' },
    csaChannel: {
      path: 'wlan.csa.new_channel_number',
      type: 'int',
      description: 'Channel that the network is about to switch to.',
      source: '9.4.2.18',
    },
    csaCount: { ...full, path: 'wlan.csa.channel_switch.count', description: 'Beacons until the switch.', source: '9.4.2.18' },
    ecsaChannel: { ...full, path: 'wlan.ex_csa.new_channel_number', description: 'Channel of an extended switch.', source: '9.4.2.52' },
    ecsaClass: { ...full, path: 'wlan.ex_csa.new_operating_class', description: 'Operating class of an extended switch.', source: '9.4.2.52' },
    erp: {
      ...full,
      path: 'wlan.erp_info.value',
      alias: ['wlan.erp_info'],
      description: 'ERP: 1 non-ERP present, 2 protect, 4 Barker.',
      source: '9.4.2.11',
    },
    extendedCapabilities: {
      path: 'wlan.extcap.value',
      type: 'bytes',
      emit: 'full',
      alias: ['wlan.extcap'],
      description: 'Extended capabilities.',
      source: '9.4.2.26',
    },
    mobilityDomain: { path: 'wlan.mobility_domain.mdid', type: 'int', description: 'Mobility domain (802.11r).', source: '9.4.2.46' },
    ftPolicy: { ...full, path: 'wlan.mobility_domain.ft_capab', description: 'FT capability and policy.', source: '9.4.2.46' },
    rmCapabilities: {
      path: 'wlan.rmcap.value',
      type: 'bytes',
      emit: 'full',
      alias: ['wlan.rmcap'],
      description: 'Radio measurement capabilities.',
      source: '9.4.2.44',
    },
    operatingClass: { ...full, path: 'wlan.supopeclass.current', description: 'Current operating class.', source: '9.4.2.53' },
    challenge: {
      path: 'wlan.tag.challenge_text',
      type: 'bytes',
      class: 'payload',
      emit: 'full',
      description: 'Challenge of shared-key authentication.',
      source: '9.4.2.7',
    },
  },
  { repeats: true },
)

export const basicFamily: Family = {
  table: basic,
  make(fields: Fields) {
    const base = fields.base(basic)
    const f = basic.at
    /** A field that is one byte of its element. */
    const byte = (event: Event, key: number, at: number, end: number) => {
      if (at < end) event.put(base + key, event.bytes[at])
    }

    const ssid = (event: Event, at: number, end: number) => {
      const { bytes } = event
      // Longer ones exist only in broken frames (9.4.2.2: 0 to 32 octets).
      if (end - at > 32) return
      let zeros = at
      while (zeros < end && bytes[zeros] === 0) zeros++
      event.put(base + f.ssidHex, at, end - at)
      event.put(base + f.hidden, zeros === end ? 1 : 0)
      putText(event, base + f.ssid, at, end)
    }

    const country = (event: Event, at: number, end: number) => {
      if (end - at < 3) return
      const { bytes } = event
      putText(event, base + f.country, at, at + 2)
      event.put(base + f.environment, bytes[at + 2])
      const triplets: number[] = []
      // Triplets whose first byte is above 200 name an operating class instead of channels.
      for (let i = at + 3; i + 3 <= end; i += 3) if (bytes[i] <= 200 && bytes[i] > 0) triplets.push(i)
      if (triplets.length === 0) return
      const list = (key: number, part: number) => {
        const first = event.listEnd
        for (const i of triplets) event.push(bytes[i + part])
        event.put(base + key, first, triplets.length)
      }
      list(f.countryFirst, 0)
      list(f.countryCount, 1)
      list(f.countryPower, 2)
    }

    return {
      first: {
        0: ssid,
        1: (event, at, end) => putByteList(event, base + f.rates, at, end),
        3: (event, at, end) => byte(event, f.channel, at, end),
        7: country,
        16: (event, at, end) => event.put(base + f.challenge, at, end - at),
        32: (event, at, end) => byte(event, f.powerConstraint, at, end),
        37: (event, at, end) => {
          byte(event, f.csaMode, at, end)
          byte(event, f.csaChannel, at + 1, end)
          byte(event, f.csaCount, at + 2, end)
        },
        42: (event, at, end) => byte(event, f.erp, at, end),
        50: (event, at, end) => putByteList(event, base + f.extendedRates, at, end),
        54: (event, at, end) => {
          if (end - at < 3) return
          event.put(base + f.mobilityDomain, u16(event.bytes, at))
          event.put(base + f.ftPolicy, event.bytes[at + 2])
        },
        59: (event, at, end) => byte(event, f.operatingClass, at, end),
        60: (event, at, end) => {
          byte(event, f.ecsaClass, at + 1, end)
          byte(event, f.ecsaChannel, at + 2, end)
        },
        70: (event, at, end) => event.put(base + f.rmCapabilities, at, end - at),
        127: (event, at, end) => event.put(base + f.extendedCapabilities, at, end - at),
      },
      partial: [1, 50],
    }
  },
}
