import { type GraphQLSchema, parse } from 'graphql'
import type { ClientRequest } from '../lib/clientRequest'
import { refuseUnsupported } from './limitRules'
import { createLocalExecutor } from './localExecutor'
import { createOperationGateway, type OperationGateway } from './operationGateway'
import { sentVariables, withLiterals } from './operations/literalsInDocument'
import type { NormalOperation } from './operations/normalOperation'
import type { Step } from './planRun'
import { mergeInto } from './responseData'

/** One subgraph that is served by itself, whose clients are gateways: its operations are run as a gateway runs them, without a plan. */
export function createSchemaGateway(schema: GraphQLSchema): OperationGateway {
  const executor = createLocalExecutor('served', schema, (request: ClientRequest) => ({ request }))
  return createOperationGateway({
    schema,
    supergraphSdl: '',
    validationRules: [refuseUnsupported],
    maxListLength: Number.POSITIVE_INFINITY,
    stepFor: wholeStep,
    // Row by row for a gateway that asks with an envelope, which knows where its entities stand.
    explained: (explain, { envelope }) => ({
      presage: envelope === undefined ? explain.report() : explain.rows(),
    }),
    stop: async () => {},
  })

  function wholeStep({ kind, text, root, variables }: NormalOperation): Step {
    const document = withLiterals(parse(text, { noLocation: true }), variables)
    const operation = { kind, text, document }
    const names = new Set(sentVariables(document, variables))
    const keys = [...root.shapes.values()].flatMap(({ fetched }) => fetched.map(({ key }) => key))
    return async (run) => {
      const given = Object.fromEntries(Object.entries(run.variables).filter(([name]) => names.has(name)))
      const { data, errors = [] } = await executor.execute(operation, given, run.request)
      if (data) mergeInto(run.data, data)
      for (const error of errors) {
        run.addError(error)
        if (error.path !== undefined) run.markFailed(run.data, error.path)
      }
      if (!data) for (const key of keys) run.markFailed(run.data, [key])
    }
  }
}
