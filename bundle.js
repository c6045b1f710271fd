/**
 * Bundles the command: `node bundle.js FOLDER` writes `FOLDER/cli/presage.js`. In one file, hundreds of modules load sooner,
 * and V8 optimizes calls between them, which it does not where each goes through an `exports` object
 * (docs/decisions/050-bundle.md). Packages stay outside, as do the modules that threads and child processes begin with.
 */
const { build } = require('esbuild')
const { join } = require('node:path')
const writeWhole = require('./writeWhole.js')

const root = __dirname
/** Resolvers throw its classes, which they get from `presage/resolvers`, and there must be one of each. */
const shared = join(root, 'lib/errors.ts')

async function bundleCommand(folder) {
  const { outputFiles } = await build({
    absWorkingDir: root,
    entryPoints: ['cli/presage.ts'],
    bundle: true,
    write: false,
    platform: 'node',
    format: 'cjs',
    target: 'node20.10',
    packages: 'external',
    legalComments: 'none',
    logLevel: 'warning',
    plugins: [{ name: 'shared modules', setup: keepShared }],
  })
  writeWhole(join(folder, 'cli/presage.js'), outputFiles[0].contents, { mode: 0o755 })
}

function keepShared({ onResolve }) {
  onResolve({ filter: /\/errors$/ }, ({ path, resolveDir }) =>
    `${join(resolveDir, path)}.ts` === shared ? { path: '../lib/errors.js', external: true } : undefined,
  )
}

module.exports = { bundleCommand }

if (require.main === module) bundleCommand(process.argv[2])
