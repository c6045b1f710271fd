import type { ResponsePlace } from './answer'

/**
 * One execution of one operation, as the resolvers of all graphs see it: which fields fail in it, and what its mutations did so far. The
 * oracle and the gateway each get a trial of their own, with the same fault seed, so that both meet the same faults.
 */
export class Trial {
  /** Each mutation that ran, with its arguments, in order. */
  readonly log: string[] = []
  /** Where fields were resolved whose numbers come of a model. */
  readonly predicted: ResponsePlace[] = []

  constructor(
    readonly id: string,
    /** 0: nothing fails. */
    readonly faultSeed: number,
  ) {}
}

/** The header that names the trial, wherever a request goes by. */
export const trialHeader = 'x-trial'

/** What resolvers get as context: the oracle's names the trial itself, all others have only the request's header. */
export type TrialContext =
  | { readonly trial: Trial }
  | {
      readonly request: { readonly headers: Readonly<Record<string, string | readonly string[] | undefined>> }
    }

const open = new Map<string, Trial>()
let opened = 0

export function openTrial(faultSeed: number): Trial {
  const trial = new Trial(`t${++opened}`, faultSeed)
  open.set(trial.id, trial)
  return trial
}

export function closeTrial(trial: Trial): void {
  open.delete(trial.id)
}

/** Throws where the header did not come through, since nothing could be compared then. */
export function trialOf(context: unknown): Trial {
  const known = context as TrialContext
  if ('trial' in known) return known.trial
  const id = known.request.headers[trialHeader]
  const trial = typeof id === 'string' ? open.get(id) : undefined
  if (trial === undefined) throw new Error(`no trial: ${String(id)}`)
  return trial
}
