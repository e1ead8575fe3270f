/** What every bench case is given and gives back. */
export interface BenchOptions {
  /** Interleaved rounds. */
  readonly rounds: number
  /** Folder of captures to read instead of generated traffic: decode, memory, latency and enrich. */
  readonly captures?: string
  /** Path of the compiled command line. */
  readonly program: string
  /** Progress, for people. */
  readonly say: (words: string) => void
}

export type Metric = number | { readonly median: number; readonly min: number; readonly max: number }

export interface BenchResult {
  readonly case: string
  readonly metrics: Readonly<Record<string, Metric>>
  readonly ratios: Readonly<Record<string, number>>
  readonly notes: readonly string[]
}
