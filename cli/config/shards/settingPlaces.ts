import { LoadError } from '../../../lib/errors'
import { placeInFile } from '../../../lib/files/yamlPlaces'

/** Passes lines on to `log`, with their place in the file as far as they begin with such a setting. */
export function placedLog(file: string, log: (line: string) => void): (line: string) => void {
  return (line) => log(placedProblem(file, line))
}

/** Puts the place in the file before a problem that begins with a setting of shards or of the worker. */
function placedProblem(file: string, problem: string): string {
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
