import { Agent } from 'node:http'
import { setTimeout as wait } from 'node:timers/promises'
import type { ActivationAnswers } from './activationAnswers'
import type { BenchServer } from './servers'
import { type Answered, ask, type SteadyLoad, steadyLoad } from './steadyLoad'

/** How one process turns to another version; times are of `performance.now()` in this process. */
export interface Turn {
  readonly version: number
  readonly begunAt: number
  /** When the last question was sent that was still answered by the version before: it turned later than that. */
  notBefore: number
  /** When the first answer by the new version was here: it turned before that. */
  answeredAt: number | undefined
  /** When the process's own line said so. */
  saidAt: number | undefined
}

/** One serving process under load, and what its answers say of the version that is in effect there. */
export class ActivationWatch {
  answered = 0
  readonly failures: string[] = []
  /** Answered as by neither version: in part by each. */
  mixed = 0
  /** Answered by the version before, although the question was sent after an answer by the next one had come. */
  late = 0
  private readonly agent = new Agent({ keepAlive: true, maxSockets: 1 })
  private readonly load: SteadyLoad
  private turn: Turn = { version: 1, begunAt: 0, notBefore: 0, answeredAt: 0, saidAt: 0 }

  constructor(
    private readonly server: BenchServer,
    perSecond: number,
    private readonly answers: ActivationAnswers,
  ) {
    this.load = steadyLoad(server.url, perSecond, answers.question, (answered) => this.take(answered))
    server.onSaid?.((text) => {
      const said = [...text.matchAll(/version (\d+) is in effect/g)].at(-1)
      if (Number(said?.[1]) === this.turn.version) this.turn.saidAt ??= performance.now()
    })
  }

  /**
   * Called before `version` is activated; settles when this process answers by it and has said so. Until then, beside the load, it is asked
   * again a little after each answer, so that the moment is known within a few milliseconds.
   */
  async turnTo(version: number): Promise<Turn> {
    const begunAt = performance.now()
    const turn: Turn = { version, begunAt, notBefore: begunAt, answeredAt: undefined, saidAt: undefined }
    this.turn = turn
    for (let n = 0; turn.answeredAt === undefined || turn.saidAt === undefined; n++) {
      if (performance.now() - begunAt > mostMs) {
        throw new Error(`${this.server.url} must turn to version ${version} within ${mostMs} ms`)
      }
      if (turn.answeredAt === undefined)
        this.take(await ask(this.server.url, this.agent, this.answers.question(n), n))
      await wait(gapMs)
    }
    return turn
  }

  async stop(): Promise<void> {
    await this.load.stop()
    this.agent.destroy()
  }

  private take({ n, sentAt, endedAt, text, problem }: Answered): void {
    const { turn } = this
    this.answered++
    if (text === undefined) {
      this.failures.push(problem ?? 'no answer')
      return
    }
    const version = this.answers.versionOf(n, text)
    if (version === undefined) this.mixed++
    else if (version !== turn.version) {
      if (turn.answeredAt !== undefined && sentAt > turn.answeredAt) this.late++
      else turn.notBefore = Math.max(turn.notBefore, sentAt)
    } else if (sentAt >= turn.begunAt) turn.answeredAt ??= endedAt
  }
}

const mostMs = 10_000

/** Shorter ones would tell the moment better and, with several processes on few cores, put it off. */
const gapMs = 3
