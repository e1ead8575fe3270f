/** Wi-Fi Simple Configuration (WPS): big-endian type, length, value attributes in a vendor element of Microsoft's OUI and type 4. */
import type { Event } from '../../../../core/event/event.ts'
import { type Fields, fieldTable } from '../../../../core/event/fields.ts'
import { u16be, u32be } from '../bytes.ts'
import { putTrimmed } from '../put.ts'
import type { Family } from './chain.ts'

const text = { type: 'text', source: 'WSC 2.0 clause 12' } as const
const full = { type: 'int', emit: 'full', source: 'WSC 2.0 clause 12' } as const

export const wps = fieldTable(
  'wps',
  {
    manufacturer: { ...text, path: 'wps.manufacturer', description: 'Manufacturer.' },
    model: { ...text, path: 'wps.model_name', description: 'Model.' },
    modelNumber: { ...text, emit: 'full', path: 'wps.model_number', description: 'Model number.' },
    device: { ...text, class: 'identity', path: 'wps.device_name', description: "Device name; often the owner's." },
    serial: { ...text, class: 'identity', emit: 'full', path: 'wps.serial_number', description: 'Serial number.' },
    state: { ...full, path: 'wps.wifi_protected_setup_state', description: '1: not configured, 2: configured.' },
    locked: { ...full, path: 'wps.ap_setup_locked', description: '1: setup is locked.' },
    uuid: { path: 'wps.uuid_e', type: 'bytes', class: 'identity', emit: 'full', description: 'UUID of the enrollee.', source: 'WSC 2.0 clause 12' },
    methods: { ...full, path: 'wps.config_methods', description: 'Config methods, as bits.' },
    password: { ...full, path: 'wps.device_password_id', description: 'Device password id.' },
    response: { ...full, path: 'wps.response_type', description: 'Response type: 2 registrar, 3 access point.' },
    version: { ...full, path: 'wps.version', description: 'Version, 0x10 for 1.0.' },
  },
  { repeats: true },
)

const VENDOR = 221
const MICROSOFT_WPS = 0x0050f204

export const wpsFamily: Family = {
  table: wps,
  make(fields: Fields) {
    const base = fields.base(wps)
    const f = wps.at
    const attribute = (event: Event, type: number, at: number, end: number) => {
      const { bytes } = event
      const length = end - at
      switch (type) {
        case 0x1008:
          if (length >= 2) event.put(base + f.methods, u16be(bytes, at))
          break
        case 0x1011:
          putTrimmed(event, base + f.device, at, end)
          break
        case 0x1012:
          if (length >= 2) event.put(base + f.password, u16be(bytes, at))
          break
        case 0x1021:
          putTrimmed(event, base + f.manufacturer, at, end)
          break
        case 0x1023:
          putTrimmed(event, base + f.model, at, end)
          break
        case 0x1024:
          putTrimmed(event, base + f.modelNumber, at, end)
          break
        case 0x103b:
          if (length >= 1) event.put(base + f.response, bytes[at])
          break
        case 0x1042:
          putTrimmed(event, base + f.serial, at, end)
          break
        case 0x1044:
          if (length >= 1) event.put(base + f.state, bytes[at])
          break
        case 0x1047:
          if (length === 16) event.put(base + f.uuid, at, 16)
          break
        case 0x104a:
          if (length >= 1) event.put(base + f.version, bytes[at])
          break
        case 0x1057:
          if (length >= 1) event.put(base + f.locked, bytes[at])
      }
    }
    const vendor = (event: Event, start: number, end: number) => {
      const { bytes } = event
      if (end - start < 4 || u32be(bytes, start) !== MICROSOFT_WPS) return
      for (let at = start + 4; at + 4 <= end; ) {
        const length = u16be(bytes, at + 2)
        if (at + 4 + length > end) return
        attribute(event, u16be(bytes, at), at + 4, at + 4 + length)
        at += 4 + length
      }
    }
    return { every: { [VENDOR]: vendor } }
  },
}
