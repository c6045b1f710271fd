/**
 * Makes `.transpiled/` what the sources say, for `npm start` and other commands of a checkout: types are stripped and not checked, which
 * is a matter of `npm run check` and would take longer than the start itself. Packages, tests and benches run `dist/`, whose
 * modules are tsc's: two tools that wrote to one folder could not know what is stale in it.
 *
 * A file is written again if its source, or what it is made with, is in another state than what was written down in `.sources.json`.
 */
const { readdirSync, readFileSync, rmSync, statSync } = require('node:fs')
const { join } = require('node:path')
const writeWhole = require('./writeWhole.js')

const out = '.transpiled'
const record = join(out, '.sources.json')

process.chdir(__dirname)
const rooms = JSON.parse(readFileSync('tsconfig.build.json', 'utf8')).include.filter(
  (room) => room !== 'bench',
)
const page = 'console/page'
const made = readRecord()
const sources = readSources(madeWith())
const stale = Object.keys(sources).filter((file) => made[file] !== sources[file])
const gone = Object.keys(made).filter((file) => sources[file] === undefined)

if (stale.length + gone.length > 0) make()

async function make() {
  // Not before all is written again: after a crash nothing is taken for fresh.
  rmSync(record, { force: true })
  if ([...stale, ...gone].some(isOfPage)) bundlePage()
  for (const file of stale) if (!isOfPage(file)) transpile(file)
  sweep()
  if (![...stale, ...gone].every(isOfPage)) await bundleCommand()
  writeWhole(record, JSON.stringify(sources))
}

/** What changes all files when it changes: the scripts, their tools, and the packages that the page holds. */
function madeWith() {
  return ['package-lock.json', 'bundle.js', 'transpile.js', 'writeWhole.js'].map(stateOf).join()
}

/** The state of each source, by its path, and of what it is made with. */
function readSources(tools) {
  const states = {}
  for (const room of rooms) {
    for (const name of readdirSync(room, { recursive: true }).sort()) {
      const file = join(room, name)
      if ((isOfPage(file) ? /\.\w+$/ : /\.ts$/).test(name)) states[file] = `${stateOf(file)} ${tools}`
    }
  }
  return states
}

/** To read and hash all sources would take longer than what a start has to do with them. */
function stateOf(file) {
  const { mtimeMs, size } = statSync(file)
  return `${mtimeMs} ${size}`
}

function readRecord() {
  try {
    return JSON.parse(readFileSync(record, 'utf8'))
  } catch {
    return {}
  }
}

function isOfPage(file) {
  return file.startsWith(`${page}/`)
}

/** The console's page, from all its files. */
function bundlePage() {
  require(`./${page}/bundle.js`).bundlePage(out)
}

/** The command, in place of its first module. */
function bundleCommand() {
  return require('./bundle.js').bundleCommand(out)
}

function transpile(file) {
  const { transformFileSync } = require('@swc/core')
  const { code } = transformFileSync(file, {
    swcrc: false,
    configFile: false,
    module: { type: 'commonjs', ignoreDynamic: true },
    jsc: { target: 'es2022', parser: { syntax: 'typescript' } },
  })
  writeWhole(compiled(file), code)
}

/** What has no source any more: `x.js` would be found before `x/y.js`. */
function sweep() {
  const expected = new Set(Object.keys(sources).map(compiled))
  for (const room of rooms) {
    for (const name of readdirSync(join(out, room), { recursive: true })) {
      const file = join(out, room, name)
      if (/\.js$/.test(file) && !expected.has(file)) rmSync(file)
    }
  }
}

function compiled(file) {
  return join(out, file.replace(/\.ts$/, '.js'))
}
