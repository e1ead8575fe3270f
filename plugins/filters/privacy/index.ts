/** Hides whose devices they are: what is done to a field follows from its class in the field tables. */
import { randomBytes } from 'node:crypto'
import { envelope, type FilterPlugin } from '../../../core/plugin.ts'
import type { Choices } from './actions.ts'
import { addressMatcher } from './addresses.ts'
import { Concealer, Plan } from './conceal.ts'
import { countsFilter } from './counts.ts'
import { counts } from './fields.ts'
import { Pseudonyms, periodKey } from './pseudonyms.ts'
import { Rekey } from './rekey.ts'

const config = {
  type: 'object',
  additionalProperties: false,
  properties: {
    addresses: {
      type: 'string',
      default: 'pseudonym',
      description: 'What becomes of addresses of devices: `pseudonym` (keyed, another one in each period) or `remove`.',
    },
    keep_oui: {
      type: 'boolean',
      default: false,
      description:
        'Pseudonyms keep the first three bytes, which tell the vendor; 24 bits are left to tell devices apart. Random addresses keep nothing.',
    },
    period_s: {
      type: 'integer',
      minimum: 0,
      default: 86400,
      description: 'How long an address has the same pseudonym, by capture time from 1970 on; 0: always.',
    },
    key_file: {
      type: 'string',
      minLength: 1,
      description: 'File of the master key, made when it does not exist. Without it a key is made at every start and kept in memory only.',
    },
    exempt: {
      type: 'array',
      items: { type: 'string' },
      default: [],
      description: 'Own infrastructure, whose addresses stay: aa:bb:cc:dd:ee:ff, first bytes, or a prefix such as aa:bb:cc:d0:00:00/28.',
    },
    keep_ssids: {
      enum: ['announced', 'none', 'all'],
      default: 'announced',
      description: 'Which network names stay: those in beacons and probe responses, none, or all, also those that clients look for.',
    },
    network_addresses: {
      enum: ['remove', 'truncate'],
      default: 'remove',
      description: 'What becomes of IP addresses: removed, or cut to the first 24 bits (IPv6: 48).',
    },
    position_decimals: {
      type: 'integer',
      minimum: 0,
      maximum: 6,
      description: 'Digits behind the point that coordinates are rounded to: 2 is about a kilometre. Default: all.',
    },
    counts_only: {
      type: 'object',
      additionalProperties: false,
      description: 'Emit numbers of devices for each interval and channel instead of events, and no address at all.',
      properties: {
        interval_s: { type: 'integer', minimum: 1, default: 300, description: 'Length of an interval, by capture time.' },
        min_devices: { type: 'integer', minimum: 1, default: 5, description: 'Of fewer devices no number is told.' },
        max_devices: {
          type: 'integer',
          minimum: 1,
          default: 100_000,
          description: 'Devices that are remembered in an interval; frames of others are counted as shed.',
        },
      },
    },
  },
} as const

/** Periods whose pseudonyms are remembered. */
const PERIODS = 3

export default {
  kind: 'filter',
  summary: 'Replaces addresses by keyed pseudonyms and removes names, identities and payload, by the classes of the fields.',
  config,
  fields: [counts],
  conceals: true,
  state: ({ counts_only }) => (counts_only ? 'withholds' : 'none'),
  feed: {
    start: async ({ key_file }, context) => (await import('./feed.ts')).publishKey(key_file, context),
  },
  create(options, context) {
    const addresses = addressesOf(options.addresses)
    const exempt = addressMatcher(options.exempt)
    // Where no main half runs, any key will do, as long as nobody knows it.
    const spare = randomBytes(32)
    const key = () => context.feed.bytes ?? spare
    if (options.counts_only) return countsFilter(options.counts_only, context, () => new Rekey(key()))

    const { keep_oui, period_s } = options
    const time = context.fields.base(envelope) + envelope.at.timestamp
    let plan: Plan | undefined
    let master: Uint8Array | undefined
    let rekey: Rekey
    const concealers = new Map<number, Concealer>()
    let latest = Number.NaN
    let concealer!: Concealer

    function choose(period: number): Concealer {
      let found = concealers.get(period)
      if (!found) {
        // Made late, when all lazy tables are registered.
        plan ??= new Plan(context, { ...options, addresses } satisfies Choices)
        found = new Concealer(plan, new Pseudonyms(periodKey(master!, period), { keep_oui, exempt }), rekey)
        if (concealers.size === PERIODS) concealers.delete(concealers.keys().next().value!)
        concealers.set(period, found)
      }
      latest = period
      return (concealer = found)
    }

    return {
      apply(event) {
        if (master !== key()) {
          master = key()
          rekey = new Rekey(master)
          concealers.clear()
          latest = Number.NaN
        }
        const period = period_s === 0 ? 0 : Math.floor(event.a[time] / period_s)
        ;(period === latest ? concealer : choose(period)).apply(event)
      },
    }
  },
} satisfies FilterPlugin<typeof config>

/** @throws Error for what does not hide anything, with the reason */
function addressesOf(text: string): Choices['addresses'] {
  if (text === 'pseudonym' || text === 'remove') return text
  if (/hash|md5|sha|crc|blake|siphash/i.test(text))
    throw new Error(
      `addresses: ${text} is refused: a hash without a secret key hides no address, since all 2^48 of them, or the 2^24 of a vendor, can be hashed and ` +
        'compared within minutes; use pseudonym, which is keyed, or remove',
    )
  throw new Error(`addresses must be pseudonym or remove, not ${JSON.stringify(text)}`)
}
