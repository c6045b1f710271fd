import { LoadError, show } from '../errors'
import { keyText, type PlaceOf } from './shapeProblems'

/**
 * Replaces `${env.NAME}` and `${env.NAME:-default}` by environment variables, as rover does. As in a shell, the default
 * also stands for a variable that is empty. Throws a LoadError, which begins with `where`, for a variable that is not set
 * and has no default, and for any other `${...}`.
 */
export function expandVariables(text: string, where: () => string): string {
  return text.replace(/\$\{([^}]*)\}/g, (whole, inside: string) => {
    const match = /^env\.([A-Za-z_]\w*)(?::-(.*))?$/s.exec(inside)
    if (match === null) {
      throw new LoadError([`${where()}: must use \${env.NAME} or \${env.NAME:-default}, got ${show(whole)}`])
    }
    const [, name, byDefault] = match
    const value = process.env[name] || (byDefault ?? process.env[name])
    if (value === undefined) {
      throw new LoadError([`${where()}: must name an environment variable that is set, got ${show(whole)}`])
    }
    return value
  })
}

/** Does the same in every string of a plain value. Throws one LoadError with all problems, each with its path. */
export function expandAll(value: unknown, place: PlaceOf): unknown {
  const problems: string[] = []
  const expand = (inner: unknown, path: readonly string[]): unknown => {
    if (typeof inner === 'string') {
      try {
        return expandVariables(inner, () => {
          const dotted = path.map(keyText).join('.')
          return `${place(dotted)}: ${dotted}`
        })
      } catch (error) {
        if (!(error instanceof LoadError)) throw error
        problems.push(...error.problems)
        return inner
      }
    }
    if (Array.isArray(inner)) return inner.map((item, i) => expand(item, [...path, String(i)]))
    if (typeof inner !== 'object' || inner === null) return inner
    return Object.fromEntries(Object.entries(inner).map(([key, item]) => [key, expand(item, [...path, key])]))
  }
  const expanded = expand(value, [])
  if (problems.length > 0) throw new LoadError(problems)
  return expanded
}
