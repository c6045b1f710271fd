import { LoadError, show } from '../errors'

/**
 * Puts environment variables in the place of `${env.NAME}` and `${env.NAME:-default}`, as rover does. Throws a LoadError
 * for one that is not set and has no default, and for any other `${...}`; `where` leads its message.
 */
export function expandVariables(text: string, where: string): string {
  return text.replace(/\$\{([^}]*)\}/g, (whole, inside: string) => {
    const match = /^env\.([A-Za-z_]\w*)(?::-(.*))?$/s.exec(inside)
    if (match === null) {
      throw new LoadError([`${where}: must use \${env.NAME} or \${env.NAME:-default}, got ${show(whole)}`])
    }
    const value = process.env[match[1]] ?? match[2]
    if (value === undefined) {
      throw new LoadError([`${where}: must name an environment variable that is set, got ${show(whole)}`])
    }
    return value
  })
}

/** Does so in every text of a plain value. Throws one LoadError with all problems, each with its path. */
export function expandAll(value: unknown, file: string): unknown {
  const problems: string[] = []
  const expand = (inner: unknown, path: readonly string[]): unknown => {
    if (typeof inner === 'string') {
      try {
        return expandVariables(inner, [file, path.join('.')].filter(Boolean).join(': '))
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
