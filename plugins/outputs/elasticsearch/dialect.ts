/** What kind of server it is, as far as it matters. */

export interface Dialect {
  /** `serverless` is Elasticsearch that somebody else runs: without versions, and without index lifecycles. */
  readonly distribution: 'elasticsearch' | 'serverless' | 'opensearch'
  /** Major and minor version. */
  readonly version: readonly [number, number]
  /** Whether it is to know numbers of 64 bits without a sign: OpenSearch since 2.8, Elasticsearch since 7.10, unless built without its extensions. */
  readonly unsigned_long: boolean
}

/**
 * Nobody is refused: who cannot be told from Elasticsearch, or does not let us ask, is taken for it.
 * @param answer body of `GET /`, if it is JSON
 */
export function dialectOf(answer: unknown): Dialect {
  const { version } = (answer ?? {}) as { version?: { distribution?: unknown; number?: unknown; build_flavor?: unknown } }
  const [major = 8, minor = 0] = String(version?.number ?? '8.0')
    .split('.')
    .map((part) => Number.parseInt(part, 10) || 0)
  const distribution = version?.distribution === 'opensearch' ? 'opensearch' : version?.build_flavor === 'serverless' ? 'serverless' : 'elasticsearch'
  const [since, small] = distribution === 'opensearch' ? [2, 8] : [7, 10]
  return { distribution, version: [major, minor], unsigned_long: major > since || (major === since && minor >= small) }
}

export function dialectName({ distribution, version }: Dialect): string {
  return distribution === 'serverless' ? 'Elasticsearch Serverless' : `${distribution} ${version.join('.')}`
}
