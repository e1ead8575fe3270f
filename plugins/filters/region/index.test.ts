import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import fc from 'fast-check'
import { Event } from '../../../core/event/event.ts'
import { envelope, Fields, frame } from '../../../core/plugin.ts'
import { pureContext } from '../../../core/route/context.ts'
import { checkedConfig } from '../../../test/kit/config.ts'
import { memoryLog } from '../../../test/plugins/config.ts'
import { geo } from '../geo/fields.ts'
import { Areas, packAreas, readAreas } from './areas.ts'
import filter from './index.ts'

type Ring = readonly (readonly [lon: number, lat: number])[]
const NAMING = { code: 'iso_3166_2', name: 'name' }

function box(west: number, south: number, east: number, north: number): Ring {
  return [
    [west, south],
    [east, south],
    [east, north],
    [west, north],
    [west, south],
  ]
}

function feature(properties: object, ...polygons: readonly Ring[][]): object {
  const geometry = polygons.length === 1 ? { type: 'Polygon', coordinates: polygons[0] } : { type: 'MultiPolygon', coordinates: polygons }
  return { type: 'Feature', properties, geometry }
}

const collection = (...features: unknown[]) => JSON.stringify({ type: 'FeatureCollection', features })
const read = (text: string) => new Areas(packAreas(readAreas(text, NAMING).areas))

test('holes, islands in them, and several polygons', () => {
  const holed = feature({ iso_3166_2: 'XX-A' }, [box(0, 0, 10, 10), box(2, 2, 8, 8)], [box(4, 4, 6, 6)], [box(20, 0, 21, 1)])
  const areas = read(collection(holed))
  for (const [lon, lat, inside] of [
    [1, 5, true],
    [3, 5, false],
    [5, 5, true],
    [20.5, 0.5, true],
    [20.5, 1.5, false],
    [-1, 5, false],
  ] as const)
    assert.equal(areas.at(lat, lon)?.code, inside ? 'XX-A' : undefined)
})

test('of boxes without and with holes the first one that has a place is found', () => {
  const side = fc.integer({ min: 0, max: 20 })
  const extent = fc.tuple(side, side, fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 9 }), fc.boolean())
  fc.assert(
    fc.property(fc.array(extent, { minLength: 1, maxLength: 6 }), side, side, (extents, x, y) => {
      const features = extents.map(([west, south, width, height, holed], i) => {
        const hole = box(west + width / 4, south + height / 4, west + (width * 3) / 4, south + (height * 3) / 4)
        return feature({ name: `${i}` }, [box(west, south, west + width, south + height), ...(holed ? [hole] : [])])
      })
      // Not on a border, where either side is right.
      const [lon, lat] = [x + 0.1, y + 0.1]
      const between = (value: number, from: number, to: number) => value > from && value < to
      const expected = extents.findIndex(
        ([west, south, width, height, holed]) =>
          between(lon, west, west + width) &&
          between(lat, south, south + height) &&
          !(holed && between(lon, west + width / 4, west + (width * 3) / 4) && between(lat, south + height / 4, south + (height * 3) / 4)),
      )
      assert.equal(read(collection(...features)).at(lat, lon)?.name, expected < 0 ? undefined : `${expected}`)
    }),
  )
})

test('what is wrong with a file is said; what is no area is passed over', () => {
  for (const [text, message] of [
    ['{', /JSON/],
    ['null', /no FeatureCollection/],
    ['{"type":"Feature"}', /no FeatureCollection/],
    [collection(feature({ other: 'a' }, [box(0, 0, 1, 1)])), /no polygon with a property iso_3166_2 or name/],
    [collection(feature({ name: 'a' }, [box(0, 0, 1, 1)]), feature({ name: 'b' }, [[[0, 0]]])), /feature 2 has a ring of fewer than four corners/],
    [collection(feature({ name: 'a' }, [[...box(0, 0, 1, 1), ['x', 0] as never]])), /feature 1 has a corner without/],
  ] as const)
    assert.throws(() => readAreas(text, NAMING), message)
  const point = { type: 'Feature', properties: { name: 'a' }, geometry: { type: 'Point', coordinates: [0, 0] } }
  const { areas, without } = readAreas(
    collection(point, null, { type: 'Feature', geometry: null }, feature({ name: 'a' }, [box(0, 0, 1, 1)])),
    NAMING,
  )
  assert.deepEqual([areas.length, without], [1, 3])
})

/** A filter with the bytes that its main half has published. */
function made() {
  const event = new Event(new Fields([envelope, frame, geo, ...filter.fields]))
  const feed = { nearest: () => Number.NaN, values: new Float64Array(0), bytes: undefined as Uint8Array | undefined }
  const made = filter.create(checkedConfig(filter, { file: 'borders.geojson' }) as never, pureContext('region', event, { name: 's', id: 's' }, feed))
  const at = (lat?: number, lon?: number) => {
    event.open(new Uint8Array(0))
    if (lat !== undefined) event.set('observer.geo.location', { lat, lon: lon! })
    made.apply(event)
    return [event.get('observer.geo.region_iso_code'), event.get('observer.geo.region_name')]
  }
  return { feed, at }
}

test('code and name follow the position, and the file', () => {
  const { feed, at } = made()
  assert.deepEqual(at(1.5, 1.5), [undefined, undefined])
  const areas = [feature({ iso_3166_2: 'XX-A', name: 'Āland' }, [box(1, 1, 2, 2)]), feature({ name: 'B' }, [box(2, 1, 3, 2)])]
  feed.bytes = packAreas(readAreas(collection(...areas), NAMING).areas)
  for (let again = 0; again < 3; again++) {
    assert.deepEqual(at(1.5, 1.5), ['XX-A', 'Āland'])
    assert.deepEqual(at(1.5, 2.5), [undefined, 'B'])
    assert.deepEqual(at(5, 5), [undefined, undefined])
    assert.deepEqual(at(), [undefined, undefined])
  }
  feed.bytes = packAreas(readAreas(collection(feature({ name: 'C' }, [box(4, 4, 6, 6)])), NAMING).areas)
  assert.deepEqual(at(5, 5), [undefined, 'C'])
  assert.deepEqual(at(1.5, 1.5), [undefined, undefined])
})

test('without the filter geo there is nothing to look up', () => {
  const event = new Event(new Fields([envelope, frame, ...filter.fields]))
  assert.throws(() => filter.create({ file: 'a' } as never, pureContext('region', event, { name: 's', id: 's' })), /the filter geo sets it/)
})

test('the main half publishes what it has read, and says what it passed over', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'wherry-'))
  const stop = new AbortController()
  stop.abort()
  const log = memoryLog()
  const published: Uint8Array[] = []
  const context = {
    name: 'province',
    data_dir: '.',
    signal: stop.signal,
    log,
    clock: { sleep: async () => undefined },
    publish: () => assert.fail(),
    replace: (bytes: Uint8Array) => void published.push(bytes),
  }
  const file = join(folder, 'borders.geojson')
  try {
    const config = checkedConfig(filter, { file, code: 'id' }) as never
    await assert.rejects(async () => filter.feed.start(config, context as never), /borders.geojson cannot be used: ENOENT/)
    await writeFile(file, collection(null, feature({ id: 'XX-1' }, [box(1, 1, 2, 2)])))
    await filter.feed.start(config, context as never)
    assert.equal(new Areas(published[0]).at(1.5, 1.5)?.code, 'XX-1')
    assert.match(log.lines.join('\n'), /1 of its features passed over: no polygon, or neither id nor name/)
  } finally {
    await rm(folder, { recursive: true })
  }
})
