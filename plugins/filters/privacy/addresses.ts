/** Addresses of 48 bits as numbers: prefixes that are exempt, and groups, which are nobody's. */

const GROUP_BIT = 2 ** 40
const BROADCAST = 2 ** 48 - 1

/**
 * First three bytes of group addresses that tell nothing of a device. Not 33:33:ff, where the end of an IPv6 address stands, which may be that of a MAC address;
 * nor any other group address: radios set that bit in a transmitter's own address to say something of the channel (IEEE 802.11-2020 9.2.4.3.6).
 */
const GROUPS = new Set([0x01005e, 0x0180c2, 0x01000c, 0x333300])

/** Whether an address is of a known group, or of nobody. */
export function isOfNobody(address: number): boolean {
  if (address === BROADCAST || address === 0) return true
  return Math.floor(address / GROUP_BIT) % 2 === 1 && GROUPS.has(Math.floor(address / 2 ** 24))
}

/**
 * Reads `aa:bb:cc:dd:ee:ff`, the first bytes of one, or either with `/bits`; answers whether an address is one of them.
 * @throws Error naming the text that is none
 */
export function addressMatcher(texts: readonly string[]): (address: number) => boolean {
  const prefixes = texts.map((text) => {
    const [, head, bits] = /^([0-9a-f]{2}(?:[:-][0-9a-f]{2}){0,5})(?:\/(\d{1,2}))?$/i.exec(text) ?? []
    if (head === undefined || Number(bits ?? 1) < 1 || Number(bits ?? 1) > 48)
      throw new Error(`${text} is no address: write aa:bb:cc:dd:ee:ff, its first bytes such as aa:bb:cc, or aa:bb:cc:d0:00:00/28`)
    const digits = head.replace(/[:-]/g, '')
    const length = bits === undefined ? digits.length * 4 : Number(bits)
    const unit = 2 ** (48 - length)
    return { unit, value: Math.floor(Number.parseInt(digits.padEnd(12, '0'), 16) / unit) }
  })
  return (address) => {
    for (let i = 0; i < prefixes.length; i++) if (Math.floor(address / prefixes[i].unit) === prefixes[i].value) return true
    return false
  }
}
