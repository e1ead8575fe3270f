/**
 * The score: one period of traffic, written down once and played over and over.
 *
 * Invariants
 * - Entries ascend in time, none at the time of another, all within the period.
 * - An entry fixes template, time and count; all else of a frame follows from (seed, period, entry). So frame k of the stream, its time
 *   and its place are found without the frames before it.
 * - A counter goes up by `advance` in a period, so that numbers run on from period to period.
 */

import { beacon } from './management.ts'
import { Random } from './rng.ts'
import { counterCount, Scenes, type Step } from './scenes.ts'
import { accessPoints, clients } from './stations.ts'
import type { Template } from './template.ts'

export interface Options {
  readonly seed: number
  /** Access points. */
  readonly networks: number
  readonly clients: number
  /** Frames per second of capture time, about; 0: as many as there naturally are. */
  readonly rate: number
}

export interface Score {
  /** Frames in a period. */
  readonly frames: number
  /** Length of a period, µs. */
  readonly duration: number
  /** Beacon interval, µs. */
  readonly interval: number
  readonly templates: readonly Template[]
  /** For each entry: */
  readonly template: Uint32Array
  /** ns from the start of the period. */
  readonly time: Float64Array
  /** Counter, or below 0 (see scenes.ts). */
  readonly counter: Int32Array
  /** What to add to the counter's start. */
  readonly count: Uint32Array
  readonly scene: Uint32Array
  /** Bytes of the period before the entry, and behind the last one the bytes of a period. */
  readonly place: Float64Array
  /** For each counter: where it starts, and how far it goes in a period. */
  readonly start: Uint32Array
  readonly advance: Uint32Array
}

/** One time unit, ns (IEEE 802.11-2020, 3.1). */
const TU = 1_024_000
/** What everybody's beacon interval is. */
const INTERVAL_TU = 100
/** Of all frames; the rest is split evenly between control frames, and management and data frames. */
const BEACON_SHARE = 0.6
/** About as many frames as a period has, unless that makes it longer than so many beacons. */
const PERIOD_FRAMES = 32_768
const PERIOD_BEACONS = 1_048_576
const PERIOD_INTERVALS = 65_536

interface Planned {
  time: number
  readonly step: Step
  readonly scene: number
  readonly heard: boolean
  count: number
}

/**
 * Which beacon interval and which share of the beacons heard give a rate. A sensor that hears less than is sent misses beacons; for more than
 * naturally is sent the interval gets shorter, down to one TU, which is the limit (about 1600 frames/s for each network).
 */
function pace({ networks, rate }: Options): { intervalTu: number; heard: number } {
  if (rate === 0) return { intervalTu: INTERVAL_TU, heard: 1 }
  const wanted = (networks * 1e9) / BEACON_SHARE / rate / TU
  const intervalTu = Math.max(1, Math.min(INTERVAL_TU, Math.floor(wanted)))
  return { intervalTu, heard: Math.min(1, intervalTu / wanted) }
}

export function compose(options: Options): Score {
  const random = new Random(options.seed)
  const { intervalTu, heard } = pace(options)
  const interval = intervalTu * TU
  const { networks } = options
  const aps = accessPoints(networks, intervalTu * 1024, random)
  const people = clients(options.clients, aps, random)
  const intervals = Math.max(
    256,
    Math.min(PERIOD_INTERVALS, Math.floor(PERIOD_BEACONS / networks), Math.ceil((PERIOD_FRAMES * BEACON_SHARE) / networks / heard)),
  )
  const duration = intervals * interval
  const planned: Planned[] = []
  let beacons = 0
  for (const ap of aps) {
    const step: Step = { template: beacon(ap, intervalTu), share: 'beacon', counter: ap.index, takes: true, gap: 0 }
    // The first TBTT is where the access point's timer divides by the interval.
    const first = interval - (ap.tsf % (intervalTu * 1024)) * 1000
    for (let i = 0; i < intervals; i++) {
      const isHeard = random.fraction() < heard
      if (isHeard) beacons++
      const busy = random.below(interval >> 3)
      planned.push({ time: (first + i * interval + busy) % duration, step, scene: 0, heard: isHeard, count: 0 })
    }
  }
  planScenes(new Scenes(aps, people, intervalTu, random), beacons, duration, random, planned)
  return play(planned, { interval, duration, counters: counterCount(networks, options.clients), random })
}

/** Adds scenes, each time for the share that lacks most, until all have what the beacons heard ask for. */
function planScenes(scenes: Scenes, beacons: number, duration: number, random: Random, planned: Planned[]): void {
  const rest = (beacons / BEACON_SHARE) * (1 - BEACON_SHARE)
  const lacking = { management: rest / 4, control: rest / 2, data: rest / 4 }
  const shares = ['management', 'control', 'data'] as const
  let scene = 0
  const add = (steps: readonly Step[]): void => {
    scene++
    const length = steps.reduce((sum, { gap, template }) => sum + gap + template.airtime + 2, 0) * 1000
    let time = Math.floor(random.fraction() * Math.max(1, duration - length))
    for (const [i, step] of steps.entries()) {
      time += step.gap * 1000 + random.below(1000)
      planned.push({ time, step, scene, heard: true, count: i })
      time += step.template.airtime * 1000
      if (step.share !== 'beacon') lacking[step.share]--
    }
  }
  for (let i = 0; i <= rest / 8192; i++) add(scenes.attack())
  while (lacking.management + lacking.control + lacking.data > 0) {
    add(scenes.any(shares.reduce((most, share) => (lacking[share] > lacking[most] ? share : most))))
  }
}

/** Puts what is planned in order of time, and gives out the numbers in that order. */
function play(
  planned: Planned[],
  { interval, duration, counters, random }: { interval: number; duration: number; counters: number; random: Random },
): Score {
  planned.sort((a, b) => a.time - b.time)
  const advance = new Uint32Array(counters)
  for (const entry of planned) {
    const { counter, takes } = entry.step
    if (counter >= 0) entry.count = takes ? advance[counter]++ : advance[counter] - 1
  }
  const entries = planned.filter(({ heard }) => heard)
  const frames = entries.length
  const numbers = new Map<Template, number>()
  const score = {
    frames,
    duration: duration / 1000,
    interval: interval / 1000,
    template: new Uint32Array(frames),
    time: new Float64Array(frames),
    counter: new Int32Array(frames),
    count: new Uint32Array(frames),
    scene: new Uint32Array(frames),
    place: new Float64Array(frames + 1),
    start: Uint32Array.from({ length: counters }, () => random.below(4096) + 1),
    advance,
  }
  let last = -1
  for (const [i, { time, step, scene, count }] of entries.entries()) {
    let number = numbers.get(step.template)
    if (number === undefined) numbers.set(step.template, (number = numbers.size))
    score.template[i] = number
    score.time[i] = last = Math.max(time, last + 1)
    score.counter[i] = step.counter
    score.count[i] = Math.max(0, count)
    score.scene[i] = scene
    score.place[i + 1] = score.place[i] + step.template.bytes.length
  }
  return { ...score, templates: [...numbers.keys()] }
}
