export interface PlanProblem {
  /** A plain sentence. */
  readonly message: string
  /** The affected field as `Type.field`, if there is one. */
  readonly field?: string
  /** Internal response keys from the root to the place, if there is one. */
  readonly path?: readonly string[]
}

/** Ends a check early: the rest is meaningless, or enough problems are found. */
export class CheckStopped extends Error {}

const mostProblems = 20
const mostSteps = 100_000

/** Collects distinct problems, and counts the work. */
export class Report {
  readonly problems: PlanProblem[] = []
  private readonly seen = new Set<string>()
  private steps = 0

  add(message: string, at: Omit<PlanProblem, 'message'> = {}): void {
    const identity = JSON.stringify([message, at.field, at.path])
    if (this.seen.has(identity)) return
    this.seen.add(identity)
    this.problems.push({ message, ...at })
    if (this.problems.length >= mostProblems) throw new CheckStopped()
  }

  stop(message: string, at?: Omit<PlanProblem, 'message'>): never {
    this.add(message, at)
    throw new CheckStopped()
  }

  /** Counts a unit of work. Stops a check that takes too many. */
  step(): void {
    this.steps++
    if (this.steps > mostSteps) this.stop(`The plan takes more than ${mostSteps} steps to check`)
  }
}
