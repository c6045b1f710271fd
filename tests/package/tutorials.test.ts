import { rmSync } from 'node:fs'
import { findPython } from '../support/pythonVenv'
import { readTutorial } from '../support/tutorial'
import { createTutorialReader, type TutorialReader } from '../support/tutorialReader'
import { emptyFolder, type PackedPackage, packPackage } from './packedPackage'

/** docs/tutorials, followed step by step as they are written, with the package as it would be published. */

jest.setTimeout(240_000)

let packed: PackedPackage

beforeAll(() => {
  packed = packPackage()
})
afterAll(() => packed?.dispose())

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
    reader = await createTutorialReader(folder, packed.tarball)
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
