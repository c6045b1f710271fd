/** What is wrong with a plan. */
export interface PlanProblem {
  /** A plain sentence. */
  readonly message: string
  /** The field concerned as `Type.field`, where one is. */
  readonly field?: string
  /** Internal response keys from the root to the place, where one is. */
  readonly path?: readonly string[]
}

/** Ends a check early: what is wrong makes the rest meaningless, or is enough. */
export class CheckStopped extends Error {}

/** Collects problems, each once, and counts the work. */
export class Report {
  readonly problems: PlanProblem[] = []
  private readonly seen = new Set<string>()
  private steps = 0

  constructor(
    private readonly maxSteps: number,
    private readonly maxProblems = 20,
  ) {}

  add(problem: PlanProblem): void {
    const identity = JSON.stringify([problem.message, problem.field, problem.path])
    if (this.seen.has(identity)) return
    this.seen.add(identity)
    this.problems.push(problem)
    if (this.problems.length >= this.maxProblems) throw new CheckStopped()
  }

  stop(problem: PlanProblem): never {
    this.add(problem)
    throw new CheckStopped()
  }

  /** Counts a piece of work. Stops a check that takes too many. */
  step(): void {
    this.steps++
    if (this.steps > this.maxSteps) {
      this.stop({ message: `The plan takes more than ${this.maxSteps} steps to check` })
    }
  }
}
