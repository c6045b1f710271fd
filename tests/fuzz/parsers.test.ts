import fc from 'fast-check'
import { LoadError } from '../../lib/errors'
import { parseManifest } from '../../models/manifest/parseManifest'
import { parseObjective } from '../../models/objectives/parseObjective'
import { postprocessSteps } from '../../models/postprocess/registration'
import { preprocessSteps } from '../../models/preprocess/registration'
import { typeNames } from '../../models/types/parseType'
import { filesLike } from './inputs/filesLike'
import { textsBelow } from './inputs/textsBelow'
import { requireProblems } from './requireProblems'

const objectives = textsBelow('examples', /objectives\/[^/]+\.yaml$/)
const manifests = textsBelow('examples', /model\.yaml$/)

const words = [
  ...typeNames,
  ...preprocessSteps.keys(),
  ...postprocessSteps.keys(),
  ...'default range maxLength length nullable onNull input labels of entity error missing'.split(' '),
]

test('2,000 objectives: each is read whole or refused with its problems', () => {
  const runs = { seed: 301, numRuns: 2_000 }
  const read = countReads((text) => {
    const objective = parseObjective(text, 'O.yaml')
    expect(objective.outputs.length).toBeGreaterThan(0)
    return objective
  })
  fc.assert(
    fc.property(filesLike(objectives, words), (text) => read(text, 'O.yaml')),
    runs,
  )
  expect(read.refused).toBeGreaterThan(200)
  expect(read.taken).toBeGreaterThan(100)
})

test('2,000 manifests: each is read whole or refused with its problems', () => {
  const runs = { seed: 302, numRuns: 2_000 }
  const read = countReads((text) => {
    const manifest = parseManifest(text, 'model.yaml')
    expect(manifest.key).toBe(`${manifest.name}@${manifest.version}`)
    return manifest
  })
  fc.assert(
    fc.property(filesLike(manifests, words), (text) => read(text, 'model.yaml')),
    runs,
  )
  expect(read.refused).toBeGreaterThan(200)
  expect(read.taken).toBeGreaterThan(100)
})

/** Wraps a parser with what holds for every answer of it, and counts the answers. */
function countReads(parseText: (text: string) => object) {
  const read = (text: string, file: string) => {
    let value: object
    try {
      value = parseText(text)
    } catch (error) {
      if (!(error instanceof LoadError)) throw error
      requireProblems(error.problems, file)
      read.refused++
      return
    }
    requireSound(value)
    read.taken++
  }
  read.taken = 0
  read.refused = 0
  return read
}

/** Frozen to its leaves, with numbers that are numbers, and nothing that came in as a prototype. */
function requireSound(value: unknown): void {
  if (typeof value === 'number' && !Number.isFinite(value)) throw new Error(`holds ${value}`)
  if (typeof value !== 'object' || value === null) return
  if (!Object.isFrozen(value)) throw new Error(`not frozen: ${JSON.stringify(value)}`)
  const prototype = Object.getPrototypeOf(value)
  if (prototype !== Object.prototype && prototype !== Array.prototype && prototype !== null)
    throw new Error('has a prototype of its own')
  for (const part of Object.values(value)) requireSound(part)
}
