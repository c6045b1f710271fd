import { LoadError } from '../../lib/errors'

/** What is to be replaced, from what costs least to what costs most; each includes those before it. */
const steps = ['graph', 'resolvers', 'runtime', 'config'] as const
export type Step = (typeof steps)[number]

export interface ChangeQueueOptions {
  /** Serves what the files say now. Rejects, having changed nothing that serves, if something is wrong. */
  serve(step: Step): Promise<void>
  /** One line for the developer. */
  log(line: string): void
}

/** Files that belong together are saved one after the other, within this time in milliseconds. */
const settleMs = 30

/**
 * Serves changes one after the other; those that come meanwhile are served together. What failed is tried again with the
 * next change.
 *
 *     add ──> settle ──> serve ── rejects ──> problems are logged, and it is due again with the next change
 *                          └──> "served" is logged
 */
export class ChangeQueue {
  private due: Step | undefined
  /** What has changed, as people call it. */
  private readonly changes = new Set<string>()
  private failed: { readonly step: Step; readonly problems: string } | undefined
  /** Lines since the last attempt began. */
  private readonly logged = new Set<string>()
  private working: Promise<void> = Promise.resolve()
  private isWorking = false
  private isClosed = false

  constructor(private readonly options: ChangeQueueOptions) {}

  /** `what` has changed; absent if somebody asks for everything to be read again. */
  add(step: Step, what?: string): void {
    if (what !== undefined) this.changes.add(what)
    this.due = furthest(this.due, step)
    if (this.isWorking || this.isClosed) return
    this.isWorking = true
    this.working = this.work().finally(() => {
      this.isWorking = false
    })
  }

  /** Something that no file says has changed: what failed may be right now. It is not tried if it takes more than `step`. */
  retry(step: Step): void {
    if (this.failed === undefined || this.isWorking) return
    if (furthest(this.failed.step, step) === step) this.add(this.failed.step)
  }

  /** Logs a line that is not to be repeated as a problem of the attempt that is under way. */
  log(line: string): void {
    if (this.isWorking) this.logged.add(line)
    this.options.log(line)
  }

  /** Serves no more changes. Resolves when what is being served is. */
  close(): Promise<void> {
    this.isClosed = true
    return this.working
  }

  private async work(): Promise<void> {
    await new Promise((resolve) => setTimeout(resolve, settleMs))
    while (this.due !== undefined && !this.isClosed) {
      const step = furthest(this.failed?.step, this.due)
      const changes = [...this.changes]
      this.due = undefined
      this.changes.clear()
      this.logged.clear()
      try {
        await this.options.serve(step)
        this.failed = undefined
        if (changes.length > 0) this.log(`${changes.join(', ')}: served`)
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
    this.log('what served last serves on')
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
