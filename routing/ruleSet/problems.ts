import { keyText } from '../../lib/files/shapeProblems'

/** What is wrong with a rule set, and where: `objectives.PREDICT_RATING.canary.percent`, list positions from 0. */
export interface RuleProblem {
  /** To the value, or to the key that is unknown or missing. */
  readonly path: string
  /** The expectation and what came. */
  readonly message: string
}

/** Collects what the checks find. */
export class RuleProblems {
  /** For these a rule set is refused. */
  readonly problems: RuleProblem[] = []
  /** These are allowed, and hardly meant. */
  readonly warnings: RuleProblem[] = []
  private readonly told = new Set<string>()

  refuse(path: string, message: string): void {
    if (this.isNew(path, message)) this.problems.push({ path, message })
  }

  warn(path: string, message: string): void {
    if (this.isNew(path, message)) this.warnings.push({ path, message })
  }

  /** What several objectives share, such as an experiment, is looked at for each of them and told once. */
  private isNew(path: string, message: string): boolean {
    const line = `${path}: ${message}`
    if (this.told.has(line)) return false
    this.told.add(line)
    return true
  }
}

/** The path of what stands below `path` under a key or position. */
export function below(path: string, key: string | number): string {
  const text = keyText(key)
  return path === '' ? text : `${path}.${text}`
}

/** As a LoadError lists it. */
export function problemLine({ path, message }: RuleProblem, file: string): string {
  return [file, path, message].filter((part) => part !== '').join(': ')
}
