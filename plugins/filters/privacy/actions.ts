/** What is done to each field, by its class: so no field can be forgotten, whichever plugin declares it. */
import type { Field, FieldClass } from '../../../core/plugin.ts'

export const ACTION = {
  none: 0,
  /** An address of 48 bits becomes a pseudonym. */
  mac: 1,
  macs: 2,
  /** Text or bytes that tell a device become a keyed token. */
  token: 3,
  remove: 4,
  /** Removed unless an access point announces it. */
  ssid: 5,
  /** An IP address is cut to its network. */
  ip: 6,
  ips: 7,
  /** Coordinates are rounded. */
  point: 8,
  degrees: 9,
} as const

export interface Choices {
  readonly addresses: 'pseudonym' | 'remove'
  readonly network_addresses: 'truncate' | 'remove'
  readonly keep_ssids: 'announced' | 'all' | 'none'
  readonly position_decimals?: number
}

/** One of `ACTION`. What cannot be replaced within its type is removed. */
export function actionFor(field: Field, choices: Choices): number {
  const by: Readonly<Record<FieldClass, () => number>> = {
    plain: () => ACTION.none,
    payload: () => ACTION.remove,
    identity: () => ACTION.remove,
    device_address: () => (choices.addresses === 'remove' ? ACTION.remove : pseudonym(field)),
    network_address: () => (choices.network_addresses === 'remove' || field.type !== 'ip' ? ACTION.remove : field.list ? ACTION.ips : ACTION.ip),
    ssid: () => ({ all: ACTION.none, none: ACTION.remove, announced: ACTION.ssid })[choices.keep_ssids],
    position: () => (choices.position_decimals === undefined ? ACTION.none : position(field)),
  }
  return by[field.class ?? 'plain']()
}

function pseudonym({ type, list }: Field): number {
  if (type === 'mac') return list ? ACTION.macs : ACTION.mac
  return (type === 'text' || type === 'bytes') && !list ? ACTION.token : ACTION.remove
}

function position({ type, unit = '', list }: Field): number {
  if (type === 'point') return ACTION.point
  // A cell says as much as the coordinates.
  if (type === 'text') return ACTION.remove
  return type === 'float' && unit.startsWith('deg') && !list ? ACTION.degrees : ACTION.none
}
