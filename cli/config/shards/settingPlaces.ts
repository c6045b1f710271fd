import { LoadError } from '../../../lib/errors'
import { placeInFile } from '../../../lib/files/yamlPlaces'

/** Puts the place in the file before a problem that begins with a setting of shards or of the worker. */
export function placedProblem(file: string, problem: string): string {
  const path = /^((?:shards|worker)\..+?): /.exec(problem)?.[1]
  return path === undefined ? problem : `${placeInFile(file, path)}: ${problem}`
}

/** Awaits what begins to use such settings. What it refuses gets its place in the file. */
export async function withPlaces<T>(file: string, act: () => Promise<T> | T): Promise<T> {
  try {
    return await act()
  } catch (error) {
    if (!(error instanceof LoadError)) throw error
    throw new LoadError(error.problems.map((problem) => placedProblem(file, problem)))
  }
}
