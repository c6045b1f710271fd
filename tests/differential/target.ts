import type { GraphQLSchema } from 'graphql'
import type { Answer } from './answer'
import type { Samples, ValidOperation } from './generate/generate'
import type { Graph } from './graphs/graph'
import { closeTrial, openTrial, type Trial } from './trial'

/** Somebody who answers operations. */
export interface Target {
  /** What they are generated from and checked against; graphql-js runs it. */
  readonly schema: GraphQLSchema
  readonly samples: Samples
  ask(operation: ValidOperation, faultSeed: number): Promise<Answer>
  close(): Promise<void>
}

export interface TargetKind {
  readonly name: string
  /** One that answers for the whole graph, or one for each subgraph. */
  start(graph: Graph): Promise<readonly Target[]>
}

/** Asks within a trial of its own, which `run` passes on by its id. */
export async function inTrial(
  faultSeed: number,
  run: (trial: Trial) => Promise<Omit<Answer, 'log'>>,
): Promise<Answer> {
  const trial = openTrial(faultSeed)
  try {
    return { ...(await run(trial)), log: trial.log }
  } catch (error) {
    // Over HTTP the client reads that something went wrong inside, and nothing else.
    const message = error instanceof Error ? error.message : String(error)
    return { dataText: undefined, errors: [{ message, extensions: { code: 'THROWN' } }], log: trial.log }
  } finally {
    closeTrial(trial)
  }
}

export async function closeAll(closing: readonly (() => Promise<unknown>)[]): Promise<void> {
  for (const close of closing) await close()
}
