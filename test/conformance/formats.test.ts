/** A backlog on disk while every option that shapes bytes is changed: sent where the stored bytes say all by themselves, else set aside; never taken for what they are not. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { loadConfigText } from '../../core/config/load.ts'
import { writersOf } from '../../core/queue/inspect.ts'
import { openStores } from '../../core/queue/open.ts'
import { Random } from '../kit/random.ts'
import { FakeFiles } from '../model/fake-files.ts'
import { memoryLog } from '../plugins/config.ts'

interface Change {
  readonly output: string
  readonly from: string
  readonly to: string
  readonly fate: 'sent' | 'set aside'
}

const WSO2 = 'plugin: wso2, receivers: "tcp://127.0.0.1:7611", username: a, password: b'
const stream = (payload: string) => `${WSO2}, streams: [{ name: frames, payload: [${payload}] }]`

const CHANGES: readonly Change[] = [
  // The path is the payload's key: what is stored goes where it was meant to go.
  { output: 'file', from: 'plugin: file, path: a.ndjson', to: 'plugin: file, path: b.ndjson', fate: 'sent' },
  { output: 'file', from: 'plugin: file, path: a.ndjson', to: 'plugin: file, path: a.ndjson, gzip: true', fate: 'set aside' },
  { output: 'file', from: 'plugin: file, path: a.ndjson', to: 'plugin: stdout', fate: 'set aside' },
  // The action line names the index.
  {
    output: 'elasticsearch',
    from: 'plugin: elasticsearch, hosts: ["http://a:9200"]',
    to: 'plugin: elasticsearch, hosts: ["http://b:9200"]',
    fate: 'sent',
  },
  {
    output: 'elasticsearch',
    from: 'plugin: elasticsearch, hosts: ["http://a:9200"], index: a',
    to: 'plugin: elasticsearch, hosts: ["http://a:9200"], index: b',
    fate: 'sent',
  },
  { output: 'elasticsearch', from: 'plugin: elasticsearch, hosts: ["http://a:9200"]', to: 'plugin: file, path: a.ndjson', fate: 'set aside' },
  // The tag is the payload's key.
  { output: 'fluentd', from: 'plugin: fluentd, hosts: ["a:24224"], tag: a', to: 'plugin: fluentd, hosts: ["a:24224"], tag: b', fate: 'sent' },
  {
    output: 'fluentd',
    from: 'plugin: fluentd, hosts: ["a:24224"]',
    to: 'plugin: fluentd, hosts: ["a:24224"], time_as_integer: true',
    fate: 'set aside',
  },
  {
    output: 'wso2',
    from: stream('{ name: n, type: INT, from: frame.len }'),
    to: stream('{ name: n, type: INT, from: frame.number }'),
    fate: 'set aside',
  },
  {
    output: 'wso2',
    from: stream('{ name: n, type: INT, from: frame.len }'),
    to: stream('{ name: n, type: INT, from: frame.len }').replace('username: a', 'username: b'),
    fate: 'sent',
  },
]

for (const { output, from, to, fate } of CHANGES) {
  test(`${output}: { ${from} } changed to { ${to} }: ${fate}`, async () => {
    const files = new FakeFiles(new Random(1))
    const log = memoryLog()
    const open = async (section: string) => {
      const text = `inputs: { air: { plugin: pcap, path: a.pcap } }\noutputs: { out: { ${section}, queue: { kind: disk } } }\nroutes: [{ from: air, to: out }]\n`
      const { config, fields, plugins, problems } = await loadConfigText('a.yml', text, '/', { env: {}, once: false })
      assert.ok(config && fields, problems.map(({ message }) => message).join())
      const { owner, accepts } = writersOf(config, plugins, fields).get('out')!
      const stores = await openStores({
        files: files.session(),
        data_dir: '/data',
        section: config.outputs[0],
        format: owner.format,
        accepts,
        routes: config.routes,
        log,
      })
      return stores.get('normal')!
    }
    const first = await open(from)
    const payload = {
      id: 'p',
      body: Buffer.from('x'),
      count: 1,
      ends: Uint32Array.of(1),
      records: Uint32Array.of(0),
      routes: Uint16Array.of(0),
      sealed_at: 0,
    }
    await first.append([payload])
    await first.finish()
    const second = await open(to)
    assert.deepEqual([second.backlog.events, second.stranded.length], fate === 'sent' ? [1, 0] : [0, 1])
    const again = await open(from)
    assert.equal(again.backlog.events, 1, 'there again with the config that wrote it')
  })
}
