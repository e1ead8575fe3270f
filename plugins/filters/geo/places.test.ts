import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { cells, countries } from './areas.ts'
import { Fence } from './fences.ts'
import { distance, FIX, isPlace } from './fix.ts'
import { geohash } from './geohash.ts'
import { Plausible } from './plausible.ts'
import { gpsdAddress, readReport } from './report.ts'
import { Strongest } from './strongest.ts'

test('geohashes are those of the reference', () => {
  // Examples of the original description, of Wikipedia and of the corners.
  assert.equal(geohash(57.64911, 10.40744, 11), 'u4pruydqqvj')
  assert.equal(geohash(42.605, -5.603, 5), 'ezs42')
  assert.equal(geohash(-25.382708, -49.265506, 8), '6gkzwgjz')
  assert.equal(geohash(90, 180, 3), 'zzz')
  assert.equal(geohash(-90, -180, 3), '000')
})

test('a longer geohash begins with the shorter one', () => {
  const place = fc.tuple(fc.double({ min: -90, max: 90, noNaN: true }), fc.double({ min: -180, max: 180, noNaN: true }))
  fc.assert(fc.property(place, fc.integer({ min: 1, max: 11 }), ([lat, lon], n) => assert.ok(geohash(lat, lon, 12).startsWith(geohash(lat, lon, n)))))
})

test('countries and cells of places', () => {
  const country = countries()
  assert.deepEqual(
    [country(52.09, 4.31), country(-33.87, 151.21), country(18.4, -66.1), country(55.95, -3.19), country(-40, -120)],
    ['NL', 'AU', 'PR', 'GB', undefined],
  )
  // From the H3 documentation: 37.3615593, -122.0553238 at resolution 7.
  assert.equal(cells(7)(37.3615593, -122.0553238), '87283472bffffff')
})

test('fences: inside is inside, also over the date line and in a hollow', () => {
  const l = new Fence([
    { lat: 0, lon: 0 },
    { lat: 10, lon: 0 },
    { lat: 10, lon: 5 },
    { lat: 5, lon: 5 },
    { lat: 5, lon: 10 },
    { lat: 0, lon: 10 },
  ])
  assert.ok(l.has(2, 9) && l.has(9, 2) && !l.has(9, 9) && !l.has(-1, 2) && !l.has(2, 11))
  const fiji = new Fence([
    { lat: -20, lon: 175 },
    { lat: -20, lon: -175 },
    { lat: -15, lon: -175 },
    { lat: -15, lon: 175 },
  ])
  assert.ok(fiji.has(-17, 179) && fiji.has(-17, -179) && !fiji.has(-17, 0) && !fiji.has(-17, 170))
})

test('a fence around a circle has what is nearer than its corners', () => {
  fc.assert(
    fc.property(fc.double({ min: -60, max: 60, noNaN: true }), fc.double({ min: -180, max: 180, noNaN: true }), fc.nat(359), (lat, lon, turn) => {
      const at = (radius: number, degrees: number) => ({
        lat: lat + radius * Math.sin((degrees * Math.PI) / 180),
        lon: ((lon + radius * Math.cos((degrees * Math.PI) / 180) + 540) % 360) - 180,
      })
      const fence = new Fence(Array.from({ length: 36 }, (_, i) => at(5, i * 10)))
      const [near, far] = [at(4.9, turn), at(5.1, turn)]
      assert.ok(fence.has(near.lat, near.lon))
      assert.ok(!fence.has(far.lat, far.lon))
    }),
  )
})

test('0, 0 and what is not on Earth are no places', () => {
  assert.ok(isPlace(52, 4) && isPlace(0, 4) && isPlace(-90, 180))
  for (const [lat, lon] of [
    [0, 0],
    [Number.NaN, 4],
    [52, Number.NaN],
    [91, 0],
    [0, 181],
    [Number.POSITIVE_INFINITY, 0],
  ])
    assert.ok(!isPlace(lat, lon))
  assert.ok(Math.abs(distance(52, 4, 53, 4) - 111_195) < 100)
})

test('a report of gpsd becomes a fix where it has one', () => {
  const tpv = (more: object) =>
    JSON.stringify({ class: 'TPV', device: '/dev/x', mode: 3, time: '2026-11-25T10:00:00.000Z', lat: 52.1, lon: 4.3, ...more })
  const report = readReport(tpv({ altMSL: 12.5, eph: 7, speed: 1.5, track: 90 }))!
  assert.deepEqual(report, { time: '2026-11-25T10:00:00.000Z', fix: [3, 52.1, 4.3, 12.5, 7, 1.5, 90] })
  const flat = readReport(tpv({ mode: 2, alt: 5, epx: 3, epy: 4, time: undefined }))!
  assert.deepEqual(flat.fix.slice(0, 5), [2, 52.1, 4.3, Number.NaN, 5])
  assert.equal(flat.time, undefined)
  for (const more of [
    { mode: 1 },
    { mode: 0 },
    { mode: undefined },
    { lat: 0, lon: 0 },
    { lat: 'x' },
    { lon: undefined },
    { lat: 99 },
    { class: 'SKY' },
  ])
    assert.equal(readReport(tpv(more)), undefined)
  assert.equal(readReport('{"class":"TPV","mode":3,"lat":nan,"lon":-nan}'), undefined)
  assert.equal(readReport('null'), undefined)
  assert.throws(() => readReport('$GPRMC,1'), SyntaxError)
  fc.assert(
    fc.property(fc.json(), (text) => {
      const found = readReport(text)
      assert.ok(found === undefined || isPlace(found.fix[FIX.lat], found.fix[FIX.lon]))
    }),
  )
})

test('addresses of gpsd', () => {
  assert.deepEqual(gpsdAddress('pi'), { host: 'pi', port: 2947 })
  assert.deepEqual(gpsdAddress('10.0.0.1:3000'), { host: '10.0.0.1', port: 3000 })
  assert.deepEqual(gpsdAddress('[::1]:3000'), { host: '::1', port: 3000 })
  for (const text of ['', 'a b', 'pi:0', 'pi:70000', 'pi:x']) assert.throws(() => gpsdAddress(text), /is no address/)
})

test('a jump is left out, a move that lasts is believed at the second fix', () => {
  const plausible = new Plausible(50)
  const told: [s: number, lat: number][] = [
    [0, 52],
    [1, 52.0003],
    [2, 60],
    [3, 52.0006],
    [4, 10],
    [5, 10.0001],
    [6, 10.0002],
  ]
  assert.deepEqual(
    told.map(([s, lat]) => plausible.take(s * 1000, lat, 4)),
    [true, true, false, true, false, true, true],
  )
  assert.equal(plausible.jumps, 2)
})

test('the strongest reception of each transmitter is remembered', () => {
  const strongest = new Strongest(1000)
  assert.equal(strongest.hear(7, Number.NaN, 1, 1), -1)
  const at = strongest.hear(7, -70, 1, 2)
  strongest.hear(7, -50, 3, 4)
  strongest.hear(7, -60, 5, 6)
  assert.equal(strongest.hear(7, -40, Number.NaN, Number.NaN), at)
  assert.deepEqual([strongest.signal(at), strongest.lat(at), strongest.lon(at)], [-50, 3, 4])
})
