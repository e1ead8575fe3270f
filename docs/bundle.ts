/**
 * Part of the build, behind validators.ts: the program as users start it, in few files without comments. A start loads some 250 of our modules, most of them in both threads, and
 * each file of its own costs time and memory. What plugins may import stays where it was compiled to, since there must be one of it; docs/decisions/0024-bundle.md.
 */
import { readdirSync, rmSync } from 'node:fs'
import { join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { COMMANDS } from '../cli/commands.ts'
import { builtIns, KINDS } from '../core/config/plugins.ts'
import { modulesRoot } from '../core/config/root.ts'

const compiled = fileURLToPath(modulesRoot())
const outdir = join(compiled, 'bundle')

/** What the package exports to plugins, and what that is made of; and CommonJS, which asks for packages by a `require` that a bundle of ES modules does not have. */
const KEPT = /^core\/(plugin|clock|event\/.*|formats\/.*)\.js$|\.cjs$/

/** Modules that are found by their names while Wherry runs. */
const entries = [
  ...['main', ...COMMANDS].map((name) => `cli/${name}.js`),
  'core/worker/worker.js',
  ...readdirSync(join(compiled, 'core/config/validators')).map((file) => `core/config/validators/${file}`),
  ...KINDS.flatMap((kind) => builtIns(kind).map((name) => `plugins/${kind}s/${name}/index.js`)),
]

rmSync(outdir, { recursive: true, force: true })
await build({
  entryPoints: entries.map((file) => join(compiled, file)),
  outdir,
  outbase: compiled,
  chunkNames: 'chunks/[name]-[hash]',
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node20',
  packages: 'external',
  minifyWhitespace: true,
  minifySyntax: true,
  sourcemap: true,
  sourcesContent: false,
  logLevel: 'warning',
  plugins: [
    {
      name: 'kept',
      setup: ({ onResolve }) =>
        onResolve({ filter: /^\./ }, ({ path, resolveDir }) => {
          const file = relative(compiled, join(resolveDir, path))
          // As package.json names it for every folder of the package.
          return KEPT.test(file) ? { path: `#compiled/${file}`, external: true } : undefined
        }),
    },
  ],
})
