/**
 * Bundles the console's page into one HTML file, with its script and style inline: `node console/page/bundle.js FOLDER` writes
 * `FOLDER/console/page/index.html`, and beside it the licences of the packages that it holds. Types are not checked here;
 * `npm run types` does that.
 */
const { buildSync } = require('esbuild')
const { readdirSync, readFileSync } = require('node:fs')
const { join } = require('node:path')
const writeWhole = require('../../writeWhole.js')

function bundlePage(folder) {
  const { outputFiles, metafile } = buildSync({
    entryPoints: [join(__dirname, 'main.tsx')],
    bundle: true,
    minify: true,
    write: false,
    outdir: 'page',
    format: 'iife',
    target: 'es2022',
    jsx: 'automatic',
    jsxImportSource: 'preact',
    legalComments: 'none',
    metafile: true,
    logLevel: 'warning',
  })
  const text = (ending) => outputFiles.find(({ path }) => path.endsWith(ending)).text
  const html = readFileSync(join(__dirname, 'index.html'), 'utf8')
    .replace('<!-- style -->', () => `<style>${text('.css')}</style>`)
    .replace('<!-- script -->', () => `<script>${text('.js')}</script>`)
  writeWhole(join(folder, 'console/page/licences.txt'), licencesOf(Object.keys(metafile.inputs)))
  writeWhole(join(folder, 'console/page/index.html'), html)
}

/** The licences of the packages that these files are from, each under the name of its package. */
function licencesOf(files) {
  const folders = new Set(
    files.flatMap((file) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(file)?.[0] ?? []),
  )
  const texts = [...folders].sort().map((folder) => {
    const name = readdirSync(folder).find((file) => /^licen[cs]e/i.test(file))
    return `${folder.replace(/^.*node_modules\//, '')}\n\n${readFileSync(join(folder, name), 'utf8').trim()}\n`
  })
  return texts.join('\n\n')
}

module.exports = { bundlePage }

if (require.main === module) bundlePage(process.argv[2])
