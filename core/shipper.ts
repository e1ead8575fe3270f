/** Wherry at work: builds everything a config asks for, runs it, and ends it in an order that loses nothing. */
import { setMaxListeners } from 'node:events'
import { join } from 'node:path'
import type { Piscina } from 'piscina'
import { Checkpoint } from './checkpoint/store.ts'
import { type Clock, systemClock } from './clock.ts'
import { WORKER_MAX_BYTES } from './config/frame.ts'
import type { ShipperConfig } from './config/types.ts'
import { type Balance, balance } from './delivery/books.ts'
import { Counters } from './delivery/counters.ts'
import { DeadLetters } from './delivery/dead-letters.ts'
import { Feed } from './delivery/feed.ts'
import { OutputUnit } from './delivery/output-unit.ts'
import { Replayer } from './delivery/replayer.ts'
import { Publishers } from './feed/publishers.ts'
import { counted, WriteBudget } from './files/budget.ts'
import { type Files, systemFiles } from './files/files.ts'
import { backoffMs } from './net/backoff.ts'
import type { FilterPlugin, Input, InputContext, InputPlugin, Log, OutputPlugin, Plugin } from './plugin.ts'
import { openStores, orphans } from './queue/open.ts'
import { pluginKey } from './route/pipeline.ts'
import { planInput } from './route/plan.ts'
import { filterState } from './route/state.ts'
import { type Boot, systemBoot } from './state/boot.ts'
import { lock } from './state/lock.ts'
import { sensorId } from './state/sensor.ts'
import { ClockWatch, systemServices, type TimeServices } from './time/quality.ts'
import { Rebase, type RebaseOptions } from './time/rebase.ts'
import { InlineLane } from './worker/inline.ts'
import { type Lane, ThreadLane } from './worker/lane.ts'
import { type Built, fieldsOf, loadPlugins, type Setup } from './worker/setup.ts'
import { startThread, threadCount } from './worker/threads.ts'

export interface ShipperRun {
  readonly config: ShipperConfig
  readonly log: Log
  /** Read to the end as found, then end. */
  readonly once?: boolean
  /** Instead of the input of a section: what else its decoder can read, such as dead letters. */
  readonly inputs?: ReadonlyMap<string, (context: InputContext) => Input>
  readonly clock?: Clock
  readonly files?: Files
  readonly timeServices?: TimeServices
  readonly boot?: () => Promise<Boot | undefined>
  /** A thread that began while the config was read, with the usual limit. */
  readonly thread?: Promise<Piscina>
  readonly random?: () => number
}

/** The pipelines cannot be built: the config was not tried, or something has changed since. */
export class BuildError extends Error {
  override readonly name = 'BuildError'
  constructor(cause: unknown) {
    super(cause instanceof Error ? cause.message : String(cause), { cause })
  }
}

export class Shipper {
  readonly #run: ShipperRun
  readonly #clock: Clock
  #books: (() => Balance) | undefined
  /** Called whenever a payload is settled, while the end is waited for. */
  #drained: (() => void) | undefined

  constructor(run: ShipperRun) {
    this.#run = run
    this.#clock = run.clock ?? systemClock
  }

  /** How things stand; undefined before the start. */
  balance(): Balance | undefined {
    return this.#books?.()
  }

  /**
   * Runs until all inputs have ended and everything is settled, or until the signal: then outputs get `shutdown_ms`, and what remains is read again next time.
   * @throws LockedError when another process uses the data_dir
   */
  async run(signal: AbortSignal): Promise<Balance> {
    const { config } = this.#run
    const unlock = await lock(config.shipper.data_dir)
    try {
      return await this.#work(signal)
    } finally {
      await unlock()
    }
  }

  async #work(signal: AbortSignal): Promise<Balance> {
    const { config, log, inputs: replacements } = this.#run
    const clock = this.#clock
    const { data_dir } = config.shipper
    // Every input listens, and some for each file.
    setMaxListeners(0, signal)
    const watch = new ClockWatch(this.#run.timeServices ?? systemServices)
    const { mark_clock } = config.shipper
    // The answer comes while the rest is built.
    const asked = mark_clock === 'never' ? undefined : watch.start(clock)
    const clockMark = () => (mark_clock === 'always' || (mark_clock === 'unsynced' && watch.now.state === 'unsynced') ? watch.now : undefined)
    const plugins = await loadPlugins({ config })
    const publishers = new Publishers({ config, plugins, log, clock })
    const sensor = { name: config.shipper.name, id: await sensorId(data_dir, log) }
    const setup: Setup = { config, sensor, feeds: publishers.memory }
    const budget = await WriteBudget.open({ files: this.#files, data_dir, max_bytes: config.shipper.max_daily_write_bytes, clock, log })
    const wrote = (bytes: number) => budget.note(bytes)
    const files = counted(this.#files, wrote)
    const dead = new DeadLetters({ data_dir, clock, log, wrote })
    const checkpoint = await Checkpoint.open({ data_dir, clock, log, files })
    const rebase = await this.#rebase(plugins, { data_dir, files, watch, clock, log }, checkpoint)
    const counters = new Counters(config.routes.length, config.outputs.length)
    const lanes = await this.#lanes(setup, plugins, publishers)
    const built = await this.#built(lanes)
    await asked
    /** Ends what runs beside the inputs. */
    const ending = new AbortController()
    let replaying: Promise<void> | undefined
    const feeds: Feed[] = []
    const units = await this.#outputs({ plugins, counters, dead, formats: built.formats, files, budget }, () => {
      for (const feed of feeds) feed.wake()
      this.#drained?.()
    })
    try {
      const states = new Map(
        config.filters.map((filter) => [filter.name, filterState(plugins.get(pluginKey('filter', filter.name)) as FilterPlugin, filter.config)]),
      )
      const concealing = new Set(
        config.filters.filter(({ name }) => (plugins.get(pluginKey('filter', name)) as FilterPlugin).conceals).map(({ name }) => name),
      )
      config.inputs.forEach(({ name, clock_wait_ms }, index) => {
        const plan = planInput(config, name)
        const targets = new Set(plan.leaves.flatMap(({ outputs }) => outputs))
        const ordered = plan.nodes.some(({ filter }) => filter !== undefined && states.get(filter) !== 'none')
        // Inputs whose filters remember keep to one lane, spread over those there are.
        const turned = ordered ? [...lanes.slice(index % lanes.length), ...lanes.slice(0, index % lanes.length)] : lanes
        feeds.push(
          new Feed({
            name,
            index,
            plan,
            sensorId: setup.sensor.id,
            replayable: this.#replayable(plugins, index),
            conceals: plan.nodes.some(({ filter }) => filter !== undefined && concealing.has(filter)),
            shipper: config.shipper,
            ordered,
            hold_ms: built.hold_ms[index],
            lanes: turned,
            outputs: units.filter((unit) => targets.has(unit.index)),
            checkpoint,
            dead,
            once: this.#run.once ?? false,
            signal,
            clock,
            clockMark,
            clockReady: async () => (clock_wait_ms ? rebase?.ready(name, clock_wait_ms, signal) : undefined),
            clockShift: (stream) => (clock_wait_ms ? rebase?.of(name, stream) : undefined),
            random: this.#random,
            log,
            shared: !(lanes[0] instanceof InlineLane),
          }),
        )
      })
      const withholding = new Set([...states].filter(([, state]) => state === 'withholds').map(([name]) => name))
      this.#books = () => balance({ config, feeds, units, counters, withholding, budget })
      await publishers.start()
      if (!this.#run.once)
        replaying = new Replayer({ config, feeds, units, dead, signal: AbortSignal.any([signal, ending.signal]), clock, log }).run()
      await Promise.all(
        feeds.map(async (feed) => {
          const input = await this.#input(feed, plugins, replacements, signal)
          if (input) await feed.run(input)
        }),
      )
      for (const { sealer } of units) sealer.sealAll()
      await this.#settled(feeds, units, signal)
      return this.#books()
    } finally {
      ending.abort()
      await replaying
      publishers.stop()
      watch.stop()
      rebase?.stop()
      await Promise.all(units.map((unit) => unit.close().catch((error) => log.error(`output ${unit.name}: ${(error as Error).message}`))))
      await Promise.all(lanes.map((lane) => lane.close()))
      await dead.close()
      await budget.save().catch(() => undefined)
      await checkpoint.flush().catch((error) => log.error(`checkpoint: cannot be written, a restart repeats events: ${(error as Error).message}`))
    }
  }

  get #files(): Files {
    return this.#run.files ?? systemFiles
  }

  get #random(): () => number {
    return this.#run.random ?? Math.random
  }

  /** There when an input wants it. */
  async #rebase(
    plugins: ReadonlyMap<string, Plugin>,
    parts: Pick<RebaseOptions, 'data_dir' | 'files' | 'watch' | 'clock' | 'log'>,
    checkpoint: Checkpoint,
  ): Promise<Rebase | undefined> {
    const { inputs } = this.#run.config
    const wait_ms = Math.max(...inputs.map(({ clock_wait_ms = 0 }) => clock_wait_ms))
    if (wait_ms === 0) return undefined
    // What cannot be read again comes from this boot, whatever its stream is called.
    const known = inputs
      .filter((_, index) => this.#replayable(plugins, index))
      .map(({ name }) => [name, [...checkpoint.streams(name).keys()]] as const)
    return Rebase.open({ ...parts, boot: await (this.#run.boot ?? systemBoot)(), wait_ms, known: Object.fromEntries(known) })
  }

  async #lanes(setup: Setup, plugins: ReadonlyMap<string, Plugin>, publishers: Publishers): Promise<Lane[]> {
    const { threads, hang_ms, worker_max_bytes } = setup.config.shipper
    const count = threadCount(threads)
    const begun = await this.#run.thread
    const fits = count > 0 && worker_max_bytes === WORKER_MAX_BYTES
    if (!fits) await begun?.destroy()
    if (count === 0) return [inline(setup, plugins, publishers)]
    const start = () => startThread(worker_max_bytes)
    const pools = await Promise.all(Array.from({ length: count }, (_, i) => (i === 0 && fits && begun) || start()))
    return pools.map((pool) => new ThreadLane({ setup, hang_ms, start, publishers, clock: this.#clock }, pool))
  }

  /** Has the pipelines built. What cannot be built fails the start. */
  async #built(lanes: readonly Lane[]): Promise<Built> {
    const warm = lanes.map((lane) => lane.warm())
    try {
      return (await Promise.all(warm))[0]
    } catch (error) {
      // Threads are not ended while they load plugins.
      await Promise.allSettled(warm)
      await Promise.allSettled(lanes.map((lane) => lane.close()))
      throw new BuildError(error)
    }
  }

  async #outputs({ plugins, counters, dead, formats, files, budget }: OutputParts, settled: () => void): Promise<OutputUnit[]> {
    const { config, log } = this.#run
    const { routes, shipper } = config
    const clock = this.#clock
    const fields = fieldsOf(config, plugins)
    const perishable = new Set(config.inputs.map((_, index) => index).filter((index) => !this.#replayable(plugins, index)))
    const names = config.outputs.map(({ name }) => name)
    for (const { output, segments } of await orphans(files, shipper.data_dir, names))
      log.warn(`queue: ${segments} segments of output ${output}, which is not in the config, are set aside: see wherry queue ls, export, purge`)
    return Promise.all(
      config.outputs.map(async (section, index) => {
        const plugin = plugins.get(pluginKey('output', section.name)) as OutputPlugin
        const data_dir = join(shipper.data_dir, 'outputs', section.name)
        const output = await plugin.create(section.config as never, { name: section.name, data_dir, fields, log, clock })
        const format = formats[index]
        const accepts = (stored: string) => plugin.accepts?.(stored, section.config as never) ?? false
        const stores = await openStores({ files, data_dir: shipper.data_dir, section, format, accepts, routes, log })
        const feeding = new Set(routes.filter(({ to }) => to.includes(section.name)).flatMap(({ from }) => from))
        const canWait = ![...perishable].some((input) => feeding.has(config.inputs[input].name))
        const own = { section, index, plugin, output, format, stores, routes, perishable, canWait, mayWrite: () => budget.mayWrite() }
        return new OutputUnit({ ...own, counters, dead, clock, random: this.#random, log, settled })
      }),
    )
  }

  /** Makes the input; what it cannot begin with (a directory, a refused port) is said and tried again until it works. */
  async #input(
    feed: Feed,
    plugins: ReadonlyMap<string, Plugin>,
    replacements: ShipperRun['inputs'],
    signal: AbortSignal,
  ): Promise<Input | undefined> {
    const { name } = feed.options
    const section = this.#run.config.inputs.find((input) => input.name === name)!
    const replacement = replacements?.get(name)
    if (replacement) return replacement(feed.context())
    const plugin = plugins.get(pluginKey('input', name)) as InputPlugin
    for (let failures = 1; !signal.aborted; failures++) {
      try {
        return await plugin.create(section.config as never, feed.context())
      } catch (error) {
        if (this.#run.once) throw error
        this.#run.log.error(`input ${name}: ${(error as Error).message}`)
        await this.#clock.sleep(backoffMs({ initial_ms: 1000, max_ms: 30_000 }, failures, this.#random()), signal)
      }
    }
    return undefined
  }

  #replayable(plugins: ReadonlyMap<string, Plugin>, index: number): boolean {
    const { name, config } = this.#run.config.inputs[index]
    const { replayable } = plugins.get(pluginKey('input', name)) as InputPlugin
    return typeof replayable === 'function' ? replayable(config as never) : replayable
  }

  /** Waits until everything is settled and delivered; once the signal has come, until it is settled, for `shutdown_ms` at most. */
  async #settled(feeds: readonly Feed[], units: readonly OutputUnit[], signal: AbortSignal): Promise<void> {
    const done = new AbortController()
    const drained = new Promise<void>((resolve) => {
      this.#drained = () => {
        if (units.every(({ empty }) => empty)) resolve()
      }
      this.#drained()
    })
    const settled = Promise.all(feeds.map(({ tracker, abandoned }) => (abandoned ? drained : tracker.idle())))
    const stopped = new Promise<void>((resolve) => {
      if (signal.aborted) resolve()
      else signal.addEventListener('abort', () => resolve(), { once: true })
    })
    const idle = settled.then(() => Promise.race([drained, stopped])).then(() => done.abort())
    const limit = async () => {
      await stopped
      await this.#clock.sleep(this.#run.config.shipper.shutdown_ms, done.signal)
    }
    await Promise.race([idle, limit()])
    done.abort()
  }
}

interface OutputParts {
  readonly plugins: ReadonlyMap<string, Plugin>
  readonly counters: Counters
  readonly dead: DeadLetters
  readonly formats: readonly string[]
  readonly files: Files
  readonly budget: WriteBudget
}

function inline(...parts: ConstructorParameters<typeof InlineLane>): InlineLane {
  try {
    return new InlineLane(...parts)
  } catch (error) {
    throw new BuildError(error)
  }
}
