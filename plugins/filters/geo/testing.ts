/** What tests of `geo` need: a database of a few networks, made here byte by byte. */

/** A value in MaxMind's data format: text, numbers, lists and mappings. */
function value(of: unknown): Buffer {
  if (typeof of === 'string') return Buffer.concat([control(2, Buffer.byteLength(of)), Buffer.from(of)])
  if (typeof of === 'number' && Number.isInteger(of) && of >= 0) {
    const bytes = Buffer.alloc(4)
    bytes.writeUInt32BE(of)
    return Buffer.concat([control(6, 4), bytes])
  }
  if (typeof of === 'number') {
    const bytes = Buffer.alloc(8)
    bytes.writeDoubleBE(of)
    return Buffer.concat([control(3, 8), bytes])
  }
  if (Array.isArray(of)) return Buffer.concat([control(11, of.length), ...of.map(value)])
  const entries = Object.entries(of as object)
  return Buffer.concat([control(7, entries.length), ...entries.flatMap(([key, inner]) => [value(key), value(inner)])])
}

/** Type and size, of less than 285. */
function control(type: number, size: number): Buffer {
  const short = Math.min(size, 29)
  const head = type > 7 ? [short, type - 7] : [(type << 5) | short]
  return Buffer.from(size >= 29 ? [...head, size - 29] : head)
}

/** A database of IPv4 networks, by prefix such as `10.0.0.0/8`. */
export function mmdb(networks: Readonly<Record<string, object>>): Buffer {
  const nodes: [number, number][] = [[-1, -1]]
  const datas: Buffer[] = []
  let dataAt = 0
  const leaves = new Map<number, number>()
  for (const [prefix, data] of Object.entries(networks)) {
    const [address, bits] = prefix.split('/')
    const number = address.split('.').reduce((sum, byte) => sum * 256 + Number(byte), 0)
    let node = 0
    for (let i = 0; i < Number(bits); i++) {
      const side = Math.floor(number / 2 ** (31 - i)) % 2
      if (i === Number(bits) - 1) {
        const leaf = -2 - leaves.size
        leaves.set(leaf, dataAt)
        nodes[node][side] = leaf
        const encoded = value(data)
        datas.push(encoded)
        dataAt += encoded.length
      } else {
        if (nodes[node][side] < 0) nodes[node][side] = nodes.push([-1, -1]) - 1
        node = nodes[node][side]
      }
    }
  }
  const tree = Buffer.alloc(nodes.length * 8)
  nodes.forEach((sides, i) => {
    sides.forEach((to, side) => {
      tree.writeUInt32BE(to >= 0 ? to : to === -1 ? nodes.length : nodes.length + 16 + leaves.get(to)!, i * 8 + side * 4)
    })
  })
  const metadata = {
    binary_format_major_version: 2,
    binary_format_minor_version: 0,
    build_epoch: 1,
    database_type: 'Test',
    description: { en: 'test' },
    ip_version: 4,
    languages: ['en'],
    node_count: nodes.length,
    record_size: 32,
  }
  return Buffer.concat([tree, Buffer.alloc(16), ...datas, Buffer.from('abcdef', 'hex'), Buffer.from('MaxMind.com'), value(metadata)])
}
