import { LoadError } from '../../lib/errors'
import { shortPath } from '../../lib/packagePaths'

const limitMs = 30_000

/** What refuses each module that is loading. */
const loading = new Set<() => void>()
/** One listener for all: Node warns of more than ten, and a graph may have more modules. */
const refuseAll = () => {
  for (const refuse of loading) refuse()
}

/**
 * Resolves with what the import of a team's module resolves with. Rejects with a LoadError if a top-level `await` of the
 * module does not settle in 30 s, or earlier if nothing is left in this process that could settle it.
 */
export function loadedInTime<T>(file: string, importing: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const end = () => {
      clearTimeout(timer)
      loading.delete(refuse)
      if (loading.size === 0) process.off('beforeExit', refuseAll)
    }
    const refuse = () => {
      // What never settles would keep it listening, and each load of a module that is followed adds one.
      end()
      reject(
        new LoadError([
          `${shortPath(file)}: must load within ${limitMs / 1000} s, got a top-level await that does not settle`,
        ]),
      )
    }
    const timer = setTimeout(refuse, limitMs).unref()
    if (loading.size === 0) process.on('beforeExit', refuseAll)
    loading.add(refuse)
    importing.then(resolve, reject).finally(end)
  })
}
