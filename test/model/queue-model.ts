/**
 * The queue of an output beside a plain model of it: random pushes, deliveries, outages, faults of the disk, kills and power cuts. What was promised (its claim
 * paid) must be delivered, or counted as dropped where dropping was asked for; in order; and the books must balance at any time.
 */
import type { Priority, QueueOptions } from '../../core/config/types.ts'
import { Claim } from '../../core/delivery/claim.ts'
import { Counters } from '../../core/delivery/counters.ts'
import type { Parcel } from '../../core/delivery/parcel.ts'
import type { Ticket } from '../../core/delivery/tracker.ts'
import { openStores } from '../../core/queue/open.ts'
import { OutputQueue } from '../../core/queue/output-queue.ts'
import { ManualClock } from '../kit/clock.ts'
import { Random } from '../kit/random.ts'
import { section } from '../plugins/config.ts'
import { FakeFiles } from './fake-files.ts'

export interface Outcome {
  readonly pushed: number
  readonly delivered: number
  readonly repeats: number
  readonly dropped: number
  readonly crashes: number
  readonly faults: number
  readonly steps: number
  readonly bytes: number
}

const ROUTES = (['normal', 'high'] as const).map((priority) => ({ from: ['in'], through: [], to: ['out'], priority }))
const FAULTS = ['ENOSPC', 'EIO', 'EROFS', 'EMFILE']

/** Lets everything that can go on go on. */
const idle = () => new Promise<void>((resolve) => setImmediate(resolve))

/** @throws Error that names the seed */
export async function runModel(seed: number, steps: number): Promise<Outcome> {
  const model = new Model(seed)
  try {
    await model.run(steps)
    return model.outcome
  } catch (error) {
    throw new Error(`seed ${seed}, after ${model.outcome.steps} steps: ${(error as Error).message}\n${model.story.slice(-60).join('\n')}`, {
      cause: error,
    })
  }
}

class Model {
  readonly story: string[] = []
  readonly outcome = { pushed: 0, delivered: 0, repeats: 0, dropped: 0, crashes: 0, faults: 0, steps: 0, bytes: 0 }
  readonly #random: Random
  readonly #files: FakeFiles
  readonly #clock = new ManualClock()
  readonly #options: QueueOptions
  readonly #priorities: boolean
  readonly #canWait: boolean
  #queue!: OutputQueue
  #counters!: Counters
  /** Payloads of the run under way, by what the sender has of them. */
  #flying: Parcel[] = []
  #runPushed = 0
  #runDelivered = 0
  #life = 0
  #faulty = false
  /** Numbers of payloads that nobody has promised yet: an input would read them again. */
  #owed: { n: number; priority: Priority }[] = []
  #next = 0
  readonly #promised = new Set<number>()
  readonly #delivered = new Set<number>()
  #powerCuts = 0
  readonly #given = new Set<number>()
  /** The last one given out in this run, by priority: the order is kept. */
  #last = new Map<Priority, number>()

  constructor(seed: number) {
    const random = (this.#random = new Random(seed))
    this.#files = new FakeFiles(random)
    this.#priorities = random.chance(0.3)
    this.#canWait = random.chance(0.5)
    this.#options = {
      kind: random.pick(['memory', 'disk', 'spill', 'spill']),
      max_bytes: random.pick([8_000, 40_000, 200_000]),
      memory_bytes: random.pick([4_000, 20_000]),
      on_full: random.pick(['wait', 'wait', 'wait', 'drop_oldest', 'drop_newest']),
      fsync: random.pick(['interval', 'interval', 'always', 'never']),
      fsync_ms: 1000,
      ...(random.chance(0.1) ? { max_age_ms: 60_000 } : {}),
    }
    this.story.push(JSON.stringify(this.#options))
    this.#files.fault = (call) => {
      if (!this.#faulty || call === 'mkdir' || !random.chance(0.3)) return undefined
      this.outcome.faults++
      return random.pick(FAULTS)
    }
  }

  async run(steps: number): Promise<void> {
    await this.#open()
    for (let step = 0; step < steps; step++) {
      this.outcome.steps = step
      await this.#step()
      await idle()
      this.#check()
    }
    this.#faulty = false
    this.#queue.down(false)
    // An end in peace: everything promised comes out, and what is owed is read again and comes too.
    for (let round = 0; round < 10_000 && (this.#queue.bytes > 0 || this.#owed.length > 0); round++) {
      while (this.#owed.length > 0 && this.#queue.hasRoom(0)) this.#push(this.#owed.shift()!)
      this.#take()
      while (this.#flying.length > 0) this.#deliver()
      this.#clock.advance(500)
      await idle()
      this.#check()
    }
    if (this.#queue.bytes > 0) throw new Error(`${this.#queue.bytes} bytes never leave the queue`)
    await this.#close()
    const missing = [...this.#promised].filter((n) => !this.#delivered.has(n))
    if (missing.length > this.outcome.dropped)
      throw new Error(`${missing.length} promised and never delivered, ${this.outcome.dropped} dropped: ${missing.slice(0, 20).join()}`)
    if (this.#files.paths().some((path) => path.endsWith('.segment'))) throw new Error(`segments are left: ${this.#files.paths().join()}`)
    this.outcome.bytes = this.#files.bytesWritten
  }

  async #step(): Promise<void> {
    const random = this.#random
    const dice = random.next()
    if (dice < 0.45) {
      for (let i = random.below(8); i > 0 && this.#queue.hasRoom(0); i--) {
        this.#push(this.#owed.shift() ?? { n: this.#next++, priority: this.#priorities && random.chance(0.2) ? 'high' : 'normal' })
      }
    } else if (dice < 0.6) this.#take()
    else if (dice < 0.75) this.#deliver()
    else if (dice < 0.88) this.#clock.advance(random.pick([1, 50, 300, 1200, 20_000]))
    else if (dice < 0.93) this.#queue.down(random.chance(0.6))
    else if (dice < 0.96) this.#faulty = !this.#faulty && random.chance(0.5)
    else if (dice < 0.975) await this.#close().then(() => this.#open())
    else await this.#crash(random.chance(0.5) && this.#options.fsync !== 'never')
  }

  async #open(): Promise<void> {
    const log = { error: this.#say, warn: this.#say, info: this.#say, debug: this.#say }
    const files = this.#files.session()
    const options = {
      ...section('out', 'lines'),
      queue: this.#options,
      batch: { max_events: 1, max_bytes: 1 },
      linger_ms: 0,
      retry: { initial_ms: 1, max_ms: 1 },
    }
    // A start that finds a broken disk is another test; here it would strand segments until the next one.
    const faulty = this.#faulty
    this.#faulty = false
    const stores = await openStores({ files, data_dir: '/data', section: options, format: 'f', accepts: () => false, routes: ROUTES, log })
    this.#faulty = faulty
    this.#counters = new Counters(ROUTES.length, 1)
    this.#runPushed = this.#runDelivered = 0
    this.#flying = []
    this.#last = new Map()
    this.#queue = new OutputQueue({
      section: options,
      index: 0,
      stores,
      counters: this.#counters,
      mayWrite: () => true,
      canWait: this.#canWait,
      release: (parcel) => parcel.body.fill(0xdd),
      changed: () => undefined,
      clock: this.#clock,
      random: () => 0.5,
      log,
    })
  }

  readonly #say = (words: string) => void this.story.push(`  "${words}"`)

  #push({ n, priority }: { n: number; priority: Priority }): void {
    const life = this.#life
    const body = Buffer.allocUnsafeSlow(8 + this.#random.below(900)).fill(n & 0xff)
    body.writeUInt32LE(n)
    body.writeUInt32LE(body.length, 4)
    const before = this.#counters.cell(0, 0).dropped + this.#counters.cell(1, 0).dropped
    const paid = { done: () => this.#paid(n, life) } as unknown as Ticket
    const runs = [{ ticket: paid, input: 0, end: 1 }]
    this.story.push(`push ${n}`)
    this.#runPushed++
    this.outcome.pushed++
    this.#pending.set(n, priority)
    this.#queue.push({
      id: `p${n}`,
      output: 0,
      priority,
      body,
      count: 1,
      ends: Uint32Array.of(body.length),
      records: Uint32Array.of(n),
      routes: Uint16Array.of(priority === 'high' ? 1 : 0),
      runs,
      claim: new Claim(runs),
    })
    const after = this.#counters.cell(0, 0).dropped + this.#counters.cell(1, 0).dropped
    if (after > before && this.#options.on_full === 'wait') throw new Error('dropped without being asked to')
  }

  /** Pushed in this run and owed by nobody else yet. */
  readonly #pending = new Map<number, Priority>()

  #paid(n: number, life: number): void {
    if (life !== this.#life) return
    this.#pending.delete(n)
    this.#promised.add(n)
  }

  #take(): void {
    while (this.#flying.length < 2) {
      const parcel = this.#queue.shift()
      if (!parcel) return
      const n = Number(parcel.id.slice(1))
      const last = this.#last.get(parcel.priority) ?? -1
      // A first copy that a power cut tore, or that was dropped, comes again behind others.
      const again = this.#powerCuts > 0 || this.#mayDrop
      if (n < last && !this.#given.has(n) && !again) throw new Error(`${n} is given out after ${last}`)
      this.#last.set(parcel.priority, Math.max(last, n))
      this.#given.add(n)
      this.#flying.push(parcel)
    }
  }

  #deliver(): void {
    const parcel = this.#flying.splice(this.#random.below(this.#flying.length), 1)[0]
    if (!parcel) return
    const body = Buffer.from(parcel.body)
    const n = body.readUInt32LE()
    if (body.readUInt32LE(4) !== body.length || body.subarray(8).some((byte) => byte !== (n & 0xff)))
      throw new Error(`payload ${n} was changed on its way`)
    if (parcel.id !== `p${n}` || parcel.records[0] !== n || parcel.ends[0] !== body.length) throw new Error(`payload ${n} has lost its columns`)
    this.story.push(`deliver ${n}`)
    if (this.#delivered.has(n)) this.outcome.repeats++
    else this.outcome.delivered++
    this.#delivered.add(n)
    this.#runDelivered++
    this.#counters.count(0, parcel.routes, 'delivered')
    parcel.claim.payAll()
    this.#queue.settled(parcel)
  }

  /** restored + pushed = delivered + dropped + waiting + flying */
  #check(): void {
    const cells = [0, 1].map((route) => this.#counters.cell(route, 0))
    const sum = (key: 'restored' | 'dropped') => cells.reduce((total, cell) => total + cell[key], 0)
    const waiting = [...this.#queue.waiting().values()].reduce((total, events) => total + events, 0)
    const into = sum('restored') + this.#runPushed
    const out = this.#runDelivered + sum('dropped') + waiting + this.#flying.length
    if (into !== out)
      throw new Error(`books: ${into} in, ${out} accounted for (${waiting} waiting, ${this.#flying.length} in flight, ${sum('dropped')} dropped)`)
    for (const route of [0, 1]) {
      const reasons = this.#counters.reasons(route, 0)
      if ((reasons.damaged ?? 0) > 0) throw new Error(`${reasons.damaged} damaged although nothing was`)
    }
    if (sum('dropped') > 0 && !this.#mayDrop) throw new Error('dropped without being asked to')
    if (!this.#queue.hasRoom(0) && this.#options.on_full === 'wait' && this.#queue.bytes < 4000) throw new Error('says it is full with nothing in it')
  }

  get #mayDrop(): boolean {
    return this.#options.on_full !== 'wait' || this.#options.max_age_ms !== undefined
  }

  #bookDrops(): void {
    this.outcome.dropped += [0, 1].reduce((total, route) => total + this.#counters.cell(route, 0).dropped, 0)
  }

  async #close(): Promise<void> {
    this.story.push('close')
    // Nothing of this test can be read again: all must be kept, but for what a broken disk does not take.
    const closed = this.#queue.close(() => true)
    for (let i = 0; i < 50; i++) {
      this.#clock.advance(100)
      await idle()
    }
    await closed
    this.#bookDrops()
    this.#dieWith()
  }

  async #crash(power: boolean): Promise<void> {
    this.story.push(power ? 'power cut' : 'kill')
    this.#bookDrops()
    this.outcome.crashes++
    this.#dieWith()
    if (power) {
      this.#powerCuts++
      this.#files.crash()
    } else this.#files.kill()
    const old = this.#queue
    void old.close(() => false)
    this.#clock.advance(1)
    await idle()
    await this.#open()
  }

  /** What was not promised is read again. */
  #dieWith(): void {
    this.#life++
    this.#owed = [...[...this.#pending].map(([n, priority]) => ({ n, priority })), ...this.#owed].sort((a, b) => a.n - b.n)
    this.#pending.clear()
    this.#last.clear()
  }
}
