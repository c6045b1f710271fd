import { basename } from 'node:path'
import { LoadError } from '../../lib/errors'
import { readWithin } from '../../lib/files/readWithin'
import { yamlPlaces } from '../../lib/files/yamlPlaces'
import { shortPath } from '../../lib/packagePaths'
import type { Objective } from '../contracts/objective'
import { parseObjective } from './parseObjective'

const maxBytes = 256 * 1024

/** Reads an objective from the file with its name. Throws a LoadError with all problems. */
export function readObjective(path: string): Objective {
  const file = shortPath(path)
  const text = textOf(path, file)
  const objective = parseObjective(text, file)
  const name = basename(path, '.yaml')
  if (objective.name !== name) {
    const place = yamlPlaces(text, file)('objective')
    throw new LoadError([`${place}: objective: must be ${name}, the name of the file, got ${objective.name}`])
  }
  return objective
}

function textOf(path: string, file: string): string {
  try {
    return readWithin(path, maxBytes).toString()
  } catch (error) {
    if (error instanceof LoadError) throw error
    throw new LoadError([`${file}: must be readable, got ${(error as Error).message}`])
  }
}
