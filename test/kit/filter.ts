/** What every filter must do. */
import { Event } from '../../core/event/event.ts'
import type { Fields } from '../../core/event/fields.ts'
import { FeedReader, FeedWriter, feedMemory } from '../../core/feed/memory.ts'
import type { Filter, FilterPlugin } from '../../core/plugin.ts'
import { pureContext } from '../../core/route/context.ts'
import { pipelineFields } from '../../core/route/fields.ts'
import { filterState } from '../../core/route/state.ts'
import { checkedConfig } from './config.ts'
import { allValues, eventText, openSample, randomEvents } from './events.ts'
import { checkPure, Problems, type Property, words } from './property.ts'
import { Random } from './random.ts'
import type { FilterSample, SampleEvent } from './sample.ts'

/** A filter with one config, and the events it is tried with. */
interface Trial {
  readonly plugin: FilterPlugin
  readonly config: object
  readonly fields: Fields
  readonly events: readonly SampleEvent[]
  readonly feed: FilterSample['feed']
}

/** What became of one event: its text or that it was dropped, and the events made beside it. */
interface Outcome {
  readonly passed: string
  readonly made: readonly string[]
}

export function filterProperties(plugin: FilterPlugin, sample: FilterSample, patience_ms: number): Property[] {
  return sample.configs.flatMap((given, i) => {
    // A config that does not fit is found by the properties.
    const state = typeof plugin.state === 'function' ? filterState(plugin, checkedConfig(plugin, given)) : filterState(plugin, {})
    const property = (name: string, check: (trial: Trial) => string[]): Property => ({
      name: sample.configs.length > 1 ? `${name} (config ${i + 1})` : name,
      check: () => checkPure(patience_ms, () => check(prepare(plugin, given, sample))),
    })
    return [
      property('sets only fields that it declares', undeclared),
      property('gives the same again', repeatable),
      property('can be undone and applied again', undoable),
      ...(state === 'none' ? [property('does not depend on other events', stateless)] : []),
      ...(state === 'withholds' ? [property('forgets what it has flushed', flushes)] : []),
    ]
  })
}

function prepare(plugin: FilterPlugin, given: object, { tables = [], events, feed }: FilterSample): Trial {
  const config = checkedConfig(plugin, given)
  const before: FilterPlugin = { kind: 'filter', summary: '', config: {}, fields: tables, create: () => ({ apply: () => true }) }
  const sections = [
    { name: 'before', plugin: before, config: {} },
    { name: 'filter', plugin: plugin as FilterPlugin, config },
  ]
  const fields = pipelineFields(sections)
  return { plugin, config, fields, feed, events: events ?? randomEvents(pipelineFields(sections.slice(0, 1)), 60) }
}

/** Runs events, by number from 1, through a new filter. */
class Run {
  readonly event: Event
  readonly #filter: Filter
  readonly #trial: Trial
  #made: string[] = []

  constructor(trial: Trial) {
    this.#trial = trial
    this.event = new Event(trial.fields)
    this.#filter = trial.plugin.create(trial.config as never, pureContext('filter', this.event, { name: 'kit', id: 'kit' }, published(trial)))
  }

  open(number: number): void {
    openSample(this.event, this.#trial.events[number - 1], number)
  }

  apply(): Outcome {
    this.#made = []
    let passed: string
    try {
      if (this.#filter.due?.(this.event)) this.#filter.flush?.((fill) => this.#make(fill))
      passed = this.#filter.apply(this.event, (fill) => this.#make(fill)) === false ? 'dropped' : eventText(this.event)
    } catch (error) {
      passed = words(error)
    }
    return { passed, made: this.#made }
  }

  once(number: number): Outcome {
    this.open(number)
    return this.apply()
  }

  flush(): readonly string[] {
    this.#made = []
    this.#filter.flush?.((fill) => this.#make(fill))
    return this.#made
  }

  #make(fill: (event: Event) => void): void {
    const event = new Event(this.#trial.fields, this.event)
    event.open(this.event.bytes)
    fill(event)
    this.#made.push(eventText(event))
    for (const path of ['event.id', '@timestamp']) if (event.get(path) === undefined) this.#made.push(`an event was made without ${path}`)
  }
}

/** A feed as if the main half had published what the sample says. */
function published({ plugin, feed }: Trial): FeedReader {
  const width = plugin.feed?.width ?? 0
  const memory = feedMemory(width)
  const reader = new FeedReader(width, memory)
  for (const [at_ms, ...values] of feed?.values ?? []) new FeedWriter(memory, width).publish(at_ms, values)
  if (feed?.bytes) {
    const bytes = new SharedArrayBuffer(feed.bytes.length)
    new Uint8Array(bytes).set(feed.bytes)
    reader.adopt({ version: 1, memory: bytes })
  }
  return reader
}

function undeclared(trial: Trial): string[] {
  const problems = new Problems()
  const own = ownFields(trial)
  const run = new Run(trial)
  for (let number = 1; number <= trial.events.length; number++) {
    run.open(number)
    const before = allValues(run.event)
    const { passed, made } = run.apply()
    for (const text of [passed, ...made]) if (/no plugin declares|without (event\.id|@timestamp)/.test(text)) problems.add(text)
    if (passed === 'dropped' || !own) continue
    for (const [path, value] of allValues(run.event)) {
      if (before.get(path) !== value && !own.has(path)) problems.add(`${path} is set but not in its field tables`)
    }
  }
  return problems.list
}

/** Paths the filter may set; undefined where its tables depend on the config, since what it finds there it need not declare, and where it replaces what others set. */
function ownFields({ plugin }: Trial): Set<string> | undefined {
  if (typeof plugin.fields === 'function' || plugin.conceals) return undefined
  const tables = [...(plugin.fields ?? [])]
  // Damage is for every filter to report.
  return new Set([...tables.flatMap((table) => table.fields.map((field) => field.path)), 'error.type', 'error.reason'])
}

/** The same events give the same, though a second run finds other garbage in its memory. */
function repeatable(trial: Trial): string[] {
  const problems = new Problems()
  const run = new Run(trial)
  const again = new Run(trial)
  trial.events.forEach((_, i) => {
    compare(problems, `event ${i + 1}`, again.once(i + 1), run.once(i + 1))
  })
  problems.same('flush', again.flush().join('\n'), run.flush().join('\n'))
  return problems.list
}

function undoable(trial: Trial): string[] {
  const problems = new Problems()
  const plain = new Run(trial)
  trial.events.forEach((_, i) => {
    const untouched = new Run(trial)
    untouched.open(i + 1)
    const run = new Run(trial)
    run.open(i + 1)
    run.event.mark()
    run.apply()
    run.event.rollback()
    problems.same(`event ${i + 1} after rollback`, eventText(run.event), eventText(untouched.event))
    if (filterState(trial.plugin, trial.config) !== 'none') return
    compare(problems, `event ${i + 1} applied again after rollback`, run.apply(), plain.once(i + 1))
  })
  return problems.list
}

function stateless(trial: Trial): string[] {
  const problems = new Problems()
  const alone = trial.events.map((_, i) => new Run(trial).once(i + 1))
  const numbers = trial.events.map((_, i) => i + 1)
  const random = new Random(1)
  for (const order of [numbers, [...numbers].reverse(), random.shuffle(numbers), numbers.flatMap((n) => [n, n])]) {
    const run = new Run(trial)
    for (const number of order) compare(problems, `event ${number} among others`, run.once(number), alone[number - 1])
  }
  return problems.list
}

function flushes(trial: Trial): string[] {
  const run = new Run(trial)
  trial.events.forEach((_, i) => {
    run.once(i + 1)
  })
  run.flush()
  const more = run.flush()
  return more.length > 0 ? [`a second flush emits ${more.length} events again`] : []
}

function compare(problems: Problems, what: string, actual: Outcome, expected: Outcome): void {
  problems.same(what, actual.passed, expected.passed)
  problems.same(`${what}: events made`, actual.made.join('\n'), expected.made.join('\n'))
}
