import { execFileSync } from 'node:child_process'
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { packageRoot } from '../lib/packagePaths'
import { startProcess, writeConfig } from './support/serverProcess'

let folder: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'presage-transpile-'))
  for (const script of ['transpile.js', 'bundle.js', 'writeWhole.js', 'console/page/bundle.js'])
    cpSync(join(packageRoot, script), join(folder, script))
  symlinkSync(join(packageRoot, 'node_modules'), join(folder, 'node_modules'))
  write('package-lock.json', '{}')
  write('tsconfig.build.json', JSON.stringify({ include: ['lib', 'cli', 'console', 'bench'] }))
  write('lib/one.ts', 'export const one: number = 1')
  write('lib/deep/two.ts', "import { one } from '../one'\nexport const two = one + one")
  write('lib/errors.ts', 'export class PresageError extends Error {}')
  write(
    'cli/presage.ts',
    "import { PresageError } from '../lib/errors'\nimport { two } from '../lib/deep/two'\nexport { PresageError, two }",
  )
  write('bench/three.ts', 'export const three = 3')
  write('console/page/index.html', '<!-- style --><!-- script -->')
  write('console/page/main.tsx', "import './style.css'\nconst one: number = 1\nconsole.log(<b>{one}</b>)")
  write('console/page/style.css', 'b { color: red }')
})

afterEach(() => rmSync(folder, { recursive: true }))

it('compiles what the command is made of, and not the benches', () => {
  transpile()
  expect(value('lib/deep/two', 'two')).toBe(2)
  expect(existsSync(join(folder, '.transpiled/bench'))).toBe(false)
})

it('writes again what changed, and nothing else', () => {
  transpile()
  const before = [inode('lib/one'), inode('lib/deep/two')]
  transpile()
  expect([inode('lib/one'), inode('lib/deep/two')]).toEqual(before)

  write('lib/one.ts', 'export const one: number = 21')
  transpile()
  expect(inode('lib/deep/two')).toBe(before[1])
  expect(value('lib/deep/two', 'two')).toBe(42)
})

it('bundles the command, anew when any of its modules changed, with the errors that resolvers share left outside', () => {
  transpile()
  rmSync(join(folder, '.transpiled/lib/deep/two.js'))
  expect(value('cli/presage', 'two')).toBe(2)
  write('lib/one.ts', 'export const one: number = 21')
  transpile()
  expect(value('cli/presage', 'two')).toBe(42)
  const errors = JSON.stringify(join(folder, '.transpiled/lib/errors'))
  expect(value('cli/presage', `PresageError === require(${errors}).PresageError`)).toBe(true)
})

it('bundles the page of the console, anew when a file of it changed and not otherwise', () => {
  transpile()
  const page = join(folder, '.transpiled/console/page/index.html')
  expect(readFileSync(page, 'utf8')).toMatch(/^<style>b\{color:red\}\n<\/style><script>.*console\.log/s)
  const { ino } = statSync(page)
  write('lib/one.ts', 'export const one: number = 21')
  transpile()
  expect(statSync(page).ino).toBe(ino)
  write('console/page/style.css', 'b { color: blue }')
  transpile()
  expect(readFileSync(page, 'utf8')).toContain('b{color:#00f}')
  expect(existsSync(join(folder, '.transpiled/console/page/main.js'))).toBe(false)
})

it('takes away what has no source any more', () => {
  transpile()
  rmSync(join(folder, 'lib/one.ts'))
  write('lib/one/index.ts', 'export const one = 5')
  transpile()
  expect(value('lib/deep/two', 'two')).toBe(10)
})

it('takes nothing for fresh after it broke off', () => {
  transpile()
  write('lib/deep/two.ts', 'export const two = 7')
  write('lib/one.ts', 'export const one: = 1')
  expect(transpile).toThrow(/Expected|Unexpected/)
  expect(value('lib/deep/two', 'two')).toBe(7)

  write('lib/one.ts', 'export const one: number = 1')
  write('lib/deep/two.ts', "import { one } from '../one'\nexport const two = one + one")
  transpile()
  expect(value('lib/deep/two', 'two')).toBe(2)
})

it('writes all again with another script', () => {
  transpile()
  const before = inode('lib/one')
  write('transpile.js', `${readFileSync(join(folder, 'transpile.js'), 'utf8')}\n// other`)
  transpile()
  expect(inode('lib/one')).not.toBe(before)
})

it('has what is started by path, such as worker threads, run from the same folder', () => {
  cpSync(join(packageRoot, 'lib/packagePaths.ts'), join(folder, 'lib/packagePaths.ts'))
  write('package.json', '{}')
  transpile()
  expect(value('lib/packagePaths', "compiledPath('workers/thread/entry')")).toBe(
    join(realpathSync(folder), '.transpiled/workers/thread/entry.js'),
  )
})

it('makes a server that runs', async () => {
  execFileSync(process.execPath, [join(packageRoot, 'transpile.js')])
  const server = await startProcess(writeConfig(), join(packageRoot, '.transpiled/cli/presage.js'))
  const stderr = server.stderr()
  await server.stop()
  expect(stderr).toContain('14 of 14 model versions are ready')
})

function write(file: string, text: string): void {
  mkdirSync(dirname(join(folder, file)), { recursive: true })
  writeFileSync(join(folder, file), text)
}

function transpile(): void {
  execFileSync(process.execPath, [join(folder, 'transpile.js')], { stdio: 'pipe' })
}

/** Something that a compiled module exports, in a process of its own. */
function value(module: string, name: string): unknown {
  const script = `console.log(JSON.stringify(require(${JSON.stringify(join(folder, '.transpiled', module))}).${name}))`
  return JSON.parse(execFileSync(process.execPath, ['-e', script], { encoding: 'utf8' }))
}

function inode(module: string): number {
  return statSync(join(folder, '.transpiled', `${module}.js`)).ino
}
