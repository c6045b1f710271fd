import { execFileSync } from 'node:child_process'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { findPython } from '../support/pythonVenv'
import { readTutorial } from '../support/tutorial'
import { createTutorialReader, type TutorialReader } from '../support/tutorialReader'
import { emptyFolder, type PackedPackage, packBuilt } from './packedPackage'

/** docs/tutorials, followed step by step as they are written, with the package as it would be published. */

jest.setTimeout(240_000)

let packed: PackedPackage
/** What the first `npm install presage` has made; the others, in a folder as empty, would make it again. */
let installed: string

beforeAll(() => {
  packed = packBuilt()
  installed = emptyFolder()
})
afterAll(() => {
  packed?.dispose()
  rmSync(installed, { recursive: true, force: true })
})

/**
 * A folder with an npm that hands `npm install` of `presage init`, which needs the same packages, what `npm install presage`
 * has made before; that npm installs them there, the tests of init show.
 */
function npmOfInit(folder: string): string {
  const bin = join(folder, '.bin')
  const npm = execFileSync('sh', ['-c', 'command -v npm'], { encoding: 'utf8' }).trim()
  const asInit = `[ "$*" = 'install --no-audit --no-fund' ] && [ -e ${installed}/package.json ]`
  mkdirSync(bin)
  writeFileSync(
    join(bin, 'npm'),
    `#!/bin/sh\nif ${asInit}; then exec cp -al ${installed}/node_modules .; fi\nexec ${npm} "$@"\n`,
    { mode: 0o755 },
  )
  return bin
}

/** A shell command in the place of `npm install presage`. */
function installPresage(): string {
  const made = 'node_modules package.json package-lock.json'
  return `if [ -e ${installed}/package.json ]; then cp -al --force ${installed}/. .; else npm install ${packed.tarball}; cp -al ${made} ${installed}; fi`
}

const tutorials = ['ui-backend', 'existing-graph', 'from-python']
const hasPython = findPython() !== undefined
if (!hasPython)
  console.warn('skipped: no Python 3.10 or later with venv and pip in PATH, and PYTHON names none')

describe.each(tutorials)('docs/tutorials/%s.md', (name) => {
  const steps = readTutorial(name)
  const follow = name === 'from-python' && !hasPython ? it.skip : it
  let folder: string
  let reader: TutorialReader

  beforeAll(async () => {
    folder = emptyFolder()
    reader = await createTutorialReader(folder, installPresage(), npmOfInit(folder))
  })
  afterAll(async () => {
    await reader?.dispose()
    rmSync(folder, { recursive: true, force: true })
  })

  follow.each(steps.map((step) => [step.line, step.kind, step] as const))(
    'line %i: %s',
    (_line, _kind, step) => reader.follow(step),
  )
})
