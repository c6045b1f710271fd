import { execute, type GraphQLSchema } from 'graphql'
import type { Answer } from './answer'
import type { ValidOperation } from './generate/generate'
import { requestOf } from './requestOf'
import { Trial } from './trial'

/** What graphql-js answers over the whole graph. */
export async function askOracle(
  schema: GraphQLSchema,
  operation: ValidOperation,
  faultSeed: number,
): Promise<Answer> {
  const trial = new Trial('oracle', faultSeed)
  const { data, errors = [] } = await execute({
    schema,
    document: operation.document,
    operationName: operation.operationName,
    variableValues: operation.variables,
    contextValue: { trial, request: requestOf(trial) },
  })
  return {
    dataText: data === undefined ? undefined : JSON.stringify(data),
    errors: errors.map((error) => error.toJSON()),
    log: trial.log,
    predicted: trial.predicted,
  }
}
