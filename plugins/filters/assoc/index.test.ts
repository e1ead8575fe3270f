import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { Air, ALL, CLIENT, HOME, heard, OTHER, PMF, raw, type Said, type Sent, START } from './testing.ts'

/** State, network and proof in short. */
function short(said: Said | undefined): string {
  return said ? [said.state, said.bssid, said.proof].filter(Boolean).join(' | ') : 'nothing'
}

/** Hears frames a second apart and gives what is said of the last. */
function after(...frames: Sent[]): string {
  const air = new Air()
  return short(frames.map((frame, i) => air.hear(frame, i)).at(-1))
}

const ASSOCIATED = `associated | ${HOME}`
const join = [heard.authentication(), heard.authenticated(), heard.request(), heard.response()]

describe('what proves a state', () => {
  test('a whole join, frame by frame, with times, name and id of the proof', () => {
    const air = new Air()
    air.hear(heard.beacon())
    const frames = [heard.probe(), ...join, heard.key(1), heard.key(2), heard.key(3), heard.key(4), heard.secretUp(), heard.secretDown()]
    const said = frames.map((frame, i) => {
      const all = air.hear(frame, i + 0.25)
      return { ...all, own: air.event.get('event.id') }
    })
    assert.deepEqual(
      said.map(({ state }) => state),
      ['probing', 'authenticating', 'authenticating', 'authenticating', ...new Array(7).fill('associated')],
    )
    assert.deepEqual(said[0], {
      client: CLIENT,
      state: 'probing',
      since: '1970-01-01T01:00:00.250000000Z',
      proof: 'probe request',
      proof_id: said[0].own,
      own: said[0].own,
    })
    assert.deepEqual(said[10], {
      client: CLIENT,
      state: 'associated',
      bssid: HOME,
      ssid: 'home',
      since: '1970-01-01T01:00:04.250000000Z',
      proof: 'association response, status 0',
      proof_id: said[4].own,
      own: said[10].own,
    })
    assert.notEqual(said[4].own, said[10].own)
    assert.equal(START, 3600)
  })

  test('an association that was not heard is proved by data either way, a PS-Poll, or the end of the 4-way handshake', () => {
    assert.equal(after(heard.up()), `${ASSOCIATED} | data frame from the client`)
    assert.equal(after(heard.down()), `${ASSOCIATED} | data frame to the client`)
    assert.equal(after(heard.secretUp()), `${ASSOCIATED} | data frame from the client, protected`)
    assert.equal(after(heard.secretDown()), `${ASSOCIATED} | data frame to the client, protected`)
    assert.equal(after(heard.nothing()), `${ASSOCIATED} | data frame from the client`)
    assert.equal(after(heard.poll()), `${ASSOCIATED} | PS-Poll`)
    assert.equal(after(heard.key(4)), `${ASSOCIATED} | 4-way handshake, message 4`)
    assert.equal(after(heard.probe(), heard.up()), `${ASSOCIATED} | data frame from the client`)
    assert.equal(after(heard.authentication(), heard.up()), `${ASSOCIATED} | data frame from the client`)
  })

  test('looking around, or asking elsewhere, does not undo an association; being accepted or sending data elsewhere moves it', () => {
    const proof = `${ASSOCIATED} | association response, status 0`
    assert.equal(after(...join, heard.probe()), proof)
    assert.equal(after(...join, heard.authentication(OTHER)), proof)
    assert.equal(after(...join, heard.authentication(), heard.request()), proof)
    assert.equal(after(...join, heard.request(OTHER), heard.response(OTHER, 17)), proof)
    assert.equal(after(...join, heard.secretDown(OTHER)), proof)
    assert.equal(after(...join, heard.reassociated(OTHER)), `associated | ${OTHER} | reassociation response, status 0`)
    assert.equal(after(...join, heard.up(OTHER)), `associated | ${OTHER} | data frame from the client`)
    assert.equal(after(...join, heard.key(4, OTHER)), `associated | ${OTHER} | 4-way handshake, message 4`)
  })

  test('who is refused is still authenticating; who then asks around is probing', () => {
    assert.equal(after(heard.response(HOME, 17)), `authenticating | ${HOME} | association response, refused`)
    assert.equal(after(heard.authentication(), heard.response(HOME, 17)), `authenticating | ${HOME} | authentication`)
    assert.equal(after(heard.authentication(), heard.authentication(OTHER)), `authenticating | ${OTHER} | authentication`)
    assert.equal(after(heard.authentication(), heard.probe()), 'probing | probe request')
  })

  test('a response sent again is the same association, a later one is another', () => {
    const air = new Air()
    for (const frame of join) air.hear(frame)
    assert.equal(air.hear(heard.response(), 0.5)?.since, '1970-01-01T01:00:00.000000000Z')
    assert.equal(air.hear(heard.response(), 9)?.since, '1970-01-01T01:00:09.000000000Z')
  })
})

describe('what ends an association', () => {
  test('deauthentication and disassociation, by either side, of that network', () => {
    assert.equal(after(...join, heard.sentAway()), `gone | ${HOME} | deauthentication`)
    assert.equal(after(...join, heard.leaves()), `gone | ${HOME} | disassociation`)
    assert.equal(after(heard.sentAway()), `gone | ${HOME} | deauthentication`)
    assert.equal(after(...join, heard.leaves(OTHER)), `${ASSOCIATED} | association response, status 0`)
    assert.equal(after(...join, heard.leaves(), heard.sentAway()), `gone | ${HOME} | disassociation`)
    assert.equal(after(...join, heard.sentAway(), heard.probe()), 'probing | probe request')
  })

  test('data behind an end is its tail until it goes both ways', () => {
    const gone = `gone | ${HOME} | deauthentication`
    assert.equal(after(...join, heard.sentAway(), heard.down(), heard.down()), gone)
    assert.equal(after(...join, heard.sentAway(), heard.up()), gone)
    assert.equal(after(...join, heard.sentAway(), heard.up(), heard.down()), `${ASSOCIATED} | data frames both ways`)
    assert.equal(after(...join, heard.sentAway(), heard.up(), heard.sentAway(), heard.down()), gone)
    assert.equal(after(...join, heard.sentAway(), heard.probe(), heard.down()), 'probing | probe request')
    assert.equal(after(...join, heard.sentAway(), heard.up(OTHER)), `associated | ${OTHER} | data frame from the client`)
    assert.equal(after(...join, heard.sentAway(), ...join), `${ASSOCIATED} | association response, status 0`)
  })

  test('an unprotected end proves nothing where management frames are protected and keys are in use', () => {
    const stays = `${ASSOCIATED} | association response, status 0`
    const gone = `gone | ${HOME} | deauthentication`
    const required = heard.beacon(HOME, 'home', PMF.required)
    const capable = heard.beacon(HOME, 'home', PMF.capable)
    const capableJoin = [heard.authentication(), heard.request(HOME, 'home', PMF.capable), heard.response()]
    assert.equal(after(required, ...join, heard.key(4), heard.sentAway()), stays)
    assert.equal(after(required, ...join, heard.secretUp(), heard.leaves()), stays)
    assert.equal(after(required, ...join, heard.key(4), heard.sentAwayInSecret()), gone)
    assert.equal(after(required, ...join, heard.key(3), heard.sentAway()), gone)
    assert.equal(after(capable, ...capableJoin, heard.key(4), heard.sentAway()), stays)
    assert.equal(after(capable, ...join, heard.key(4), heard.sentAway()), gone)
    assert.equal(after(heard.beacon(), ...capableJoin, heard.key(4), heard.sentAway()), gone)
    // Nobody makes a client unprotected by asking in its name.
    assert.equal(after(capable, ...capableJoin, heard.key(4), heard.request(HOME, 'home', PMF.none), heard.sentAway()), stays)
  })

  test('an end of all is seen at the next frame of each client, but for those with protection', () => {
    const all = heard.sentAway(HOME, ALL)
    assert.equal(after(...join, all, heard.down()), `gone | ${HOME} | deauthentication of all`)
    assert.equal(after(...join, all, heard.up(), heard.down()), `${ASSOCIATED} | data frames both ways`)
    assert.equal(after(...join, all, heard.response()), `${ASSOCIATED} | association response, status 0`)
    assert.equal(after(...join, heard.sentAway(OTHER, ALL), heard.down()), `${ASSOCIATED} | association response, status 0`)
    const required = heard.beacon(HOME, 'home', PMF.required)
    assert.equal(after(required, ...join, heard.key(4), all, heard.down()), `${ASSOCIATED} | association response, status 0`)
    // Whoever takes no notice of it is protected as before.
    const capable = [heard.beacon(HOME, 'home', PMF.capable), heard.authentication(), heard.request(HOME, 'home', PMF.capable), heard.response()]
    assert.equal(after(...capable, all, heard.secretUp(), heard.secretDown(), heard.sentAway()), `${ASSOCIATED} | data frames both ways`)
    const air = new Air()
    for (const frame of join) air.hear(frame)
    assert.equal(air.hear(all, 5), undefined)
    assert.equal(air.hear(heard.down(), 6)?.since, '1970-01-01T01:00:05.000000000Z')
  })

  test('silence, by capture time; looking around is no sign of an association, data is', () => {
    const air = new Air({ forget_after_s: 100 })
    for (const frame of join) air.hear(frame)
    assert.equal(short(air.hear(heard.up(), 90)), `${ASSOCIATED} | association response, status 0`)
    assert.equal(air.hear(heard.probe(), 185)?.state, 'associated')
    assert.equal(air.hear(heard.probe(), 195)?.state, 'probing')
    assert.equal(air.hear(heard.probeResponse(), 290)?.state, 'probing')
    assert.equal(air.hear(heard.probeResponse(), 296), undefined)
    assert.equal(air.hear(heard.down(), 297)?.proof, 'data frame to the client')
    // An older capture behind a newer one: what was known is not of its time.
    assert.equal(air.hear(heard.probe(), 150)?.state, 'probing')
  })
})

describe('who is a client', () => {
  test('neither groups nor nobody nor access points; a random address is', () => {
    assert.equal(after(heard.probe('03:00:00:00:00:0b')), 'nothing')
    assert.equal(after(heard.probe('00:00:00:00:00:00')), 'nothing')
    assert.equal(after(heard.down(HOME, ALL)), 'nothing')
    assert.equal(after(heard.down(HOME, '01:00:5e:00:00:fb')), 'nothing')
    assert.equal(after(heard.up(ALL)), 'nothing')
    assert.equal(after(heard.beacon(), heard.probe(HOME)), 'nothing')
    assert.equal(after(heard.beacon(), heard.up(OTHER, HOME)), 'nothing')
    assert.equal(after(heard.probe('da:a1:19:00:00:01')), 'probing | probe request')
  })

  test('who turns out to be an access point is none any more, and is one again when the beacons have long ended', () => {
    const air = new Air()
    assert.equal(air.hear(heard.probe(HOME))?.state, 'probing')
    air.hear(heard.beacon(), 1)
    assert.equal(air.hear(heard.probe(HOME), 2), undefined)
    assert.equal(air.hear(heard.probe(HOME), 400)?.state, 'probing')
  })

  test('frames of unknown direction, control frames and beacons say nothing and change nothing', () => {
    const frames = [
      raw(0x0308, [HOME, CLIENT, OTHER], [...new Array(6).fill(2), 0xaa, 0xaa]),
      raw(0x0008, [OTHER, CLIENT, HOME], [0xaa]),
      raw(0xb0, [OTHER, CLIENT, HOME], [0, 0, 1, 0, 0, 0]),
      raw(0xb0, [HOME, HOME, HOME], [0, 0, 1, 0, 0, 0]),
      raw(0x10, [HOME, CLIENT, HOME], [0x11, 4, 0, 0, 1, 0xc0]),
      raw(0x00, [CLIENT, HOME, HOME], [0x11, 4, 10, 0]),
      raw(0x10, [CLIENT, HOME, HOME], [0x11, 4]),
      { bytes: [0xd4, 0, 0, 0, 6, 0, 0, 0, 0, 0x0b] },
      { bytes: [0xb4, 0, 0, 0, 2, 0, 0, 0, 0, 0x0a, 6, 0, 0, 0, 0, 0x0b] },
      heard.beacon(),
      { bytes: [0x08, 1] },
    ]
    for (const frame of frames) {
      assert.equal(after(frame), 'nothing')
      assert.equal(after(...frames, heard.probeResponse(OTHER)), 'nothing')
    }
  })

  test('both ways of action frames and probe responses tell what is known', () => {
    const known = `${ASSOCIATED} | association response, status 0`
    assert.equal(after(...join, raw(0xd0, [HOME, CLIENT, HOME], [3, 0, 7])), known)
    assert.equal(after(...join, raw(0xd0, [CLIENT, HOME, HOME], [3, 1, 7])), known)
    assert.equal(after(...join, heard.probeResponse(OTHER)), known)
  })
})

describe('names', () => {
  test('a hidden network has the name that a client asks it by', () => {
    const air = new Air()
    air.hear(heard.beacon(HOME, ''))
    assert.equal(air.hear(heard.authentication())?.ssid, undefined)
    assert.equal(air.hear(heard.request(HOME, 'secret'))?.ssid, 'secret')
    air.hear(heard.beacon(HOME, '\0\0\0\0\0\0'), 250)
    assert.equal(air.hear(heard.response(), 260)?.ssid, 'secret')
  })

  test('a network that is renamed has the new name', () => {
    const air = new Air()
    air.hear(heard.beacon(HOME, 'old'))
    assert.equal(air.hear(heard.up())?.ssid, 'old')
    air.hear(heard.beacon(HOME, 'new'), 100)
    assert.equal(air.hear(heard.up(), 101)?.ssid, 'new')
  })
})

describe('limits', () => {
  test('clients beyond the limit make the one leave that was heard longest ago', () => {
    const air = new Air({ max_clients: 3, forget_after_s: 1000 })
    const client = (n: number) => `06:00:00:00:01:0${n}`
    for (const n of [1, 2, 3]) air.hear(heard.up(HOME, client(n)), n)
    air.hear(heard.up(HOME, client(1)), 100)
    air.hear(heard.up(HOME, client(4)), 101)
    const known = [1, 2, 3, 4].filter((n) => air.hear(heard.probeResponse(OTHER, client(n)), 102))
    assert.deepEqual(known, [1, 3, 4])
  })

  test('networks beyond the limit only lose their names', () => {
    const air = new Air({ max_clients: 1 })
    air.hear(heard.beacon(HOME, 'home'))
    assert.equal(air.hear(heard.up())?.ssid, 'home')
    air.hear(heard.beacon(OTHER, 'other'))
    assert.equal(short(air.hear(heard.up())), `${ASSOCIATED} | data frame from the client`)
    assert.equal(air.hear(heard.up())?.ssid, undefined)
  })
})

describe('frames with a wrong FCS', () => {
  const frames: readonly Sent[] = [
    ...[
      heard.beacon(),
      heard.beacon(OTHER, 'other', PMF.required),
      heard.probe(),
      heard.probeResponse(),
      heard.authentication(),
      heard.authenticated(OTHER),
    ],
    ...[
      heard.request(),
      heard.request(OTHER, 'other', PMF.capable),
      heard.response(),
      heard.response(OTHER),
      heard.response(HOME, 1),
      heard.reassociated(OTHER),
    ],
    ...[heard.up(), heard.down(), heard.secretUp(OTHER), heard.secretDown(), heard.nothing(), heard.poll(OTHER), heard.key(2), heard.key(4, OTHER)],
    ...[heard.leaves(), heard.sentAway(), heard.sentAway(OTHER, ALL), heard.sentAwayInSecret(), heard.probe(HOME), heard.up(HOME, OTHER)],
  ]
  const step = fc.record({ frame: fc.constantFrom(...frames), gap: fc.constantFrom(0, 0.1, 3, 40, 400), right: fc.boolean() })

  test('change nothing: the others are told the same with and without them', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const [all, good] = [new Air(), new Air()]
        let at = 0
        for (const { frame, gap, right } of steps) {
          at += gap
          const said = all.hear({ ...frame, fcs: right ? 'right' : 'wrong' }, at)
          // Ids count records, which are more in one of the two.
          if (right) assert.deepEqual({ ...said, proof_id: '' }, { ...good.hear({ ...frame, fcs: 'right' }, at), proof_id: '' })
        }
      }),
      { numRuns: 200 },
    )
  })

  test('so does a frame without an FCS in the record, where the device says that it was wrong', () => {
    const air = new Air()
    for (const frame of join) air.hear(frame)
    assert.equal(air.hear({ ...heard.sentAway(), fcs: 'flagged' })?.state, 'associated')
    assert.equal(air.hear(heard.sentAway())?.state, 'gone')
  })

  test('neither keep a state alive nor put keys into use', () => {
    const air = new Air()
    for (const frame of join) air.hear(frame)
    air.hear({ ...heard.up(), fcs: 'wrong' }, 250)
    assert.equal(air.hear(heard.probeResponse(OTHER), 310), undefined)
    for (const frame of [heard.beacon(HOME, 'home', PMF.required), ...join]) air.hear(frame, 400)
    air.hear({ ...heard.secretUp(), fcs: 'wrong' }, 401)
    assert.equal(air.hear(heard.sentAway(), 402)?.state, 'gone')
  })

  test('whatever is heard, a state has a proof, a time and an id, and a network unless it is probing', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const air = new Air({ max_clients: 2 })
        let at = 0
        for (const { frame, gap } of steps) {
          const said = air.hear(frame, (at += gap))
          if (!said) continue
          assert.ok(said.client && said.since && said.proof && String(said.proof_id).length === 32)
          assert.equal(said.bssid === undefined, said.state === 'probing')
        }
      }),
      { numRuns: 200 },
    )
  })
})
