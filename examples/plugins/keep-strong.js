/** A filter of your own: keeps frames that are received strongly enough. Used by examples/keep-strong.yml and run by a test. */

const config = {
  type: 'object',
  additionalProperties: false,
  properties: {
    min_dbm: { type: 'integer', default: -70, description: 'Weakest signal that is kept, in dBm.' },
  },
}

/** @type {import('wherry').FilterPlugin<typeof config>} */
export default {
  kind: 'filter',
  summary: 'Keeps frames that are received strongly enough.',
  config,
  create({ min_dbm }, { field }) {
    const signal = field('wlan_radio.signal_dbm')
    // An absent signal is NaN, which is not at least anything: such frames are dropped.
    return { apply: (event) => signal.number(event) >= min_dbm }
  },
}
