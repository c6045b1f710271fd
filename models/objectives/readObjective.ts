import { basename } from 'node:path'
import { LoadError } from '../../lib/errors'
import { readWithin } from '../../lib/files/readWithin'
import { shortPath } from '../../lib/packagePaths'
import type { Objective } from '../contracts/objective'
import { parseObjective } from './parseObjective'

const maxBytes = 256 * 1024

/** Reads an objective from the file with its name. Throws a LoadError with all problems. */
export function readObjective(path: string): Objective {
  const file = shortPath(path)
  const objective = parseObjective(textOf(path, file), file)
  const name = basename(path, '.yaml')
  if (objective.name !== name) {
    throw new LoadError([`${file}: objective: must be ${name} as the file is called, got ${objective.name}`])
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
