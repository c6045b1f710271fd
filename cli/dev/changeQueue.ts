import { LoadError } from '../../lib/errors'

/** What to replace, from the cheapest to the most expensive step; each includes the ones before it. */
const steps = ['graph', 'resolvers', 'runtime', 'config'] as const
export type Step = (typeof steps)[number]

export interface ChangeQueueOptions {
  /** Serves the current files. Rejects, with the served state unchanged, if something is wrong. */
  serve(step: Step): Promise<void>
  /** Whether the state before a failed attempt is served, as nearly always. */
  isServing(): boolean
  log(line: string): void
}

/** Editors may save related files one after the other. Wait this long, in milliseconds, for the rest. */
const settleMs = 30

/**
 * Serves changes one after the other; changes that arrive meanwhile are served together. The next change retries a
 * failed step.
 *
 *     add ──> settle ──> serve ── rejects ──> problems are logged, and it is due again with the next change
 *                          └──> "served" is logged
 */
export class ChangeQueue {
  private due: Step | undefined
  /** Names of what has changed, for people. */
  private readonly changes = new Set<string>()
  private failed: { readonly step: Step; readonly problems: string } | undefined
  /** Lines logged since the last attempt began. */
  private readonly logged = new Set<string>()
  private working: Promise<void> = Promise.resolve()
  private isWorking = false
  private isClosed = false

  constructor(private readonly options: ChangeQueueOptions) {}

  /** Reports a change. `what` is absent if the user asks to read everything again. */
  add(step: Step, what?: string): void {
    if (what !== undefined) this.changes.add(what)
    this.due = furthest(this.due, step)
    if (this.isWorking || this.isClosed) return
    this.isWorking = true
    this.working = this.work().finally(() => {
      this.isWorking = false
    })
  }

  /** Reports a change outside the files, after which a failed step may succeed, unless it is larger than `step`. */
  retry(step: Step): void {
    if (this.failed === undefined || this.isWorking) return
    if (furthest(this.failed.step, step) === step) this.add(this.failed.step)
  }

  /** Logs a line, and does not repeat it as a problem of the current attempt. */
  log(line: string): void {
    if (this.isWorking) this.logged.add(line)
    this.options.log(line)
  }

  /** Stops serving changes. Resolves when the current attempt is over. */
  close(): Promise<void> {
    this.isClosed = true
    return this.working
  }

  private async work(): Promise<void> {
    await new Promise((resolve) => setTimeout(resolve, settleMs))
    while (this.due !== undefined && !this.isClosed) {
      const step = furthest(this.failed?.step, this.due)
      const changes = [...this.changes]
      const isMended = this.failed !== undefined
      this.due = undefined
      this.changes.clear()
      this.logged.clear()
      try {
        await this.options.serve(step)
        this.failed = undefined
        if (changes.length > 0) this.log(`${changes.join(', ')}: served`)
        else if (isMended) this.log('mended: served')
        else if (step === 'config') this.log('reloaded')
      } catch (error) {
        this.fail(step, problemsOf(error), changes.length > 0)
      }
    }
  }

  private fail(step: Step, problems: readonly string[], isNews: boolean): void {
    const text = problems.join('\n')
    const isSame = this.failed?.problems === text
    this.failed = { step, problems: text }
    if (isSame && !isNews) return
    for (const line of problems) if (!this.logged.has(line)) this.log(line)
    // An attempt that was given up for a newer change has none.
    if (problems.length === 0) return
    this.log(
      this.options.isServing()
        ? 'the last working state stays in service'
        : 'nothing is served until the server can listen again, which is tried each second',
    )
  }
}

function furthest(a: Step | undefined, b: Step): Step {
  return steps[Math.max(steps.indexOf(a ?? 'graph'), steps.indexOf(b))]
}

function problemsOf(error: unknown): readonly string[] {
  if (error instanceof LoadError) return error.problems
  const { stack, message } = error as Error
  return [stack ?? message]
}
