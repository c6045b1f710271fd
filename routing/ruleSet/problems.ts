import { keyText } from '../../lib/files/shapeProblems'

/** A problem in a rule set and its path: `objectives.PREDICT_RATING.canary.percent`; list indexes count from 0. */
export interface RuleProblem {
  /** The path of the value, or of the unknown or missing key. */
  readonly path: string
  /** What was expected and what came. */
  readonly message: string
}

/** Collects the findings of the checks. */
export class RuleProblems {
  /** A rule set with problems is refused. */
  readonly problems: RuleProblem[] = []
  /** Allowed, but probably mistakes. */
  readonly warnings: RuleProblem[] = []
  private readonly told = new Set<string>()

  refuse(path: string, message: string): void {
    if (this.isNew(path, message)) this.problems.push({ path, message })
  }

  warn(path: string, message: string): void {
    if (this.isNew(path, message)) this.warnings.push({ path, message })
  }

  /** Parts that several objectives share, such as an experiment, are checked for each of them but reported once. */
  private isNew(path: string, message: string): boolean {
    const line = `${path}: ${message}`
    if (this.told.has(line)) return false
    this.told.add(line)
    return true
  }
}

/** The path of a key or index below `path`. */
export function below(path: string, key: string | number): string {
  const text = keyText(key)
  return path === '' ? text : `${path}.${text}`
}

/** The line for a LoadError; `place` is the file, or `file:line`. */
export function problemLine({ path, message }: RuleProblem, place: string): string {
  return [place, path, message].filter((part) => part !== '').join(': ')
}
