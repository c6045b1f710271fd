import { existsSync } from 'node:fs'
import { LoadError } from '../../lib/errors'
import { pathInFile } from '../../lib/files/yamlPlaces'
import { loadRepository, type Repository, rootProblem } from '../../models/repository/repository'
import type { Config } from '../config/config'

type Roots = Pick<Config, 'file' | 'repositories'>

/** As `loadRepository`; a problem of a root says where the configuration names it. */
export function loadRepositories({ file, repositories }: Roots): Repository {
  return loadRepository(repositories, (at) => whereOf(file, at))
}

/** The same, but throws a LoadError if anything in them was left out. */
export function readRepositories(roots: Roots): Repository {
  const repository = loadRepositories(roots)
  if (repository.problems.length > 0) throw new LoadError(repository.problems)
  return repository
}

/** A line for each root that is none; reads no files in them. */
export function rootProblems({ file, repositories }: Roots): string[] {
  return repositories.flatMap((root, at) => {
    const problem = rootProblem(root)
    return problem === undefined ? [] : [`${whereOf(file, at)}: ${problem}`]
  })
}

function whereOf(file: string, at: number): string {
  const path = `repositories.${at}`
  return existsSync(file) ? pathInFile(file, path) : path
}
