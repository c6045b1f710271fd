import { type ExecutionResult, type GraphQLSchema, parse } from 'graphql'
import type { NormalOperation } from '../../federation/operations/normalOperation'
import { subgraphExtensions } from '../execution/explained'
import { answerTooLate } from '../graphql/upstreamErrors'
import { type AnswerBudget, defaultAnswerBudget } from '../limits/answerBudget'
import { refuseUnsupported } from '../limits/limitRules'
import { compileColumns, createLocalExecutor, errorsOf } from '../local/localExecutor'
import { sentVariables, withLiterals } from '../operations/literalsInDocument'
import { createOperationGateway, type OperationGateway } from '../operations/operationGateway'
import { expired, type PlanRun, pick, type Step } from '../run/planRun'
import { createEntityColumns } from './entityColumns'

/** Serves one subgraph on its own, to other gateways. It runs operations like the gateway, but without a plan. */
export function createSchemaGateway(
  schema: GraphQLSchema,
  budget: AnswerBudget = defaultAnswerBudget,
): OperationGateway {
  const executor = createLocalExecutor('served', schema)
  const gateway = createOperationGateway({
    schema,
    supergraphSdl: '',
    validationRules: [refuseUnsupported],
    maxListLength: Number.POSITIVE_INFINITY,
    budget,
    stepFor: wholeStep,
    explained: subgraphExtensions,
    stop: async () => {},
  })
  return {
    ...gateway,
    entityColumns: createEntityColumns((fetch) => compileColumns(schema, fetch), gateway.operations, budget),
  }

  function wholeStep({ kind, text, root, variables }: NormalOperation): Step {
    const whole = parse(text, { noLocation: true })
    const document = withLiterals(whole, variables)
    const operation = { kind, text, document }
    const names = document === whole ? undefined : sentVariables(document, variables)
    const keys = [...root.shapes.values()].flatMap(({ fetched }) => fetched.map(({ key }) => key))
    const take = (result: ExecutionResult | typeof expired, run: PlanRun) => {
      if (result === expired) {
        for (const key of keys) run.fail(run.data, key, [], answerTooLate())
        return
      }
      const { errors, shared } = errorsOf(result)
      run.take(keys, result.data, errors, shared)
    }
    return (run) => {
      const given = names === undefined ? run.variables : pick(names, run.variables)
      // Nothing else ends a run whose answer is too large, or whose resolvers never do.
      return run
        .inTime(executor.execute(operation, given, run.request, run))
        .then((result) => take(result, run))
    }
  }
}
