/**
 * What an answer takes of the event loop's time, learned from intervals: `a * answers + b * refusals` milliseconds. Normalised least
 * mean squares (Widrow and Hoff, 1960; Nagumo and Noda, 1967): each interval moves the two numbers so far that a fifth of its
 * error is gone, and the more of it was refusals the more it moves `b`, so that refusals do not pass for work on answers. An interval
 * that took long says little (the collector, a plan that was made, a neighbour), so that it counts as twice what was expected at most.
 */
export class AnswerCost {
  private answer = 0
  private refusal = firstRefusalMs
  private first = { busyMs: 0, answers: 0 }

  /** Milliseconds; undefined until enough answers have told. */
  get estimate(): number | undefined {
    return this.first.answers < enoughAnswers ? undefined : this.answer
  }

  /** The loop has been busy for so long, and so much came of it. */
  observe(busyMs: number, answers: number, refusals: number): void {
    if (answers === 0 && refusals === 0) return
    const { first } = this
    if (first.answers < enoughAnswers) {
      first.busyMs += busyMs
      first.answers += answers
      this.answer = first.busyMs / Math.max(1, first.answers)
      return
    }
    const expected = this.answer * answers + this.refusal * refusals
    const error = Math.min(busyMs, 2 * expected) - expected
    const step = (pace * error) / (answers * answers + refusals * refusals)
    this.answer = Math.max(shortestMs, this.answer + step * answers)
    this.refusal = Math.max(shortestMs, this.refusal + step * refusals)
  }

  /** What was learned long ago says little of now. */
  forget(): void {
    this.first = { busyMs: 0, answers: 0 }
  }
}

const enoughAnswers = 20
/** The part of an error that an interval takes away. */
const pace = 0.2
const firstRefusalMs = 0.03
/** So that nothing becomes nothing, from where no error leads back. */
const shortestMs = 0.005
