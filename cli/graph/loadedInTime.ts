import { LoadError } from '../../lib/errors'
import { shortPath } from '../../lib/packagePaths'

const limitMs = 30_000

/**
 * Resolves with what the import of a team's module resolves with. Rejects with a LoadError if a top-level `await` of the
 * module does not settle in 30 s, or earlier if nothing is left in this process that could settle it.
 */
export function loadedInTime<T>(file: string, importing: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const end = () => {
      clearTimeout(timer)
      process.off('beforeExit', refuse)
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
    process.once('beforeExit', refuse)
    importing.then(resolve, reject).finally(end)
  })
}
