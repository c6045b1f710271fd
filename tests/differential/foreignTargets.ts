import { createRequire } from 'node:module'
import { ApolloServer } from '@apollo/server'
import type { GraphQLSchema } from 'graphql'
import type { AnswerError } from './answer'
import { readAnswer } from './httpClient'
import { startPlainServer } from './plainServer'
import { closeAll, inTrial, type TargetKind } from './target'
import { trialHeader } from './trial'

/** Other people's gateways over the same subgraphs, for comparison. */

const load = createRequire(__filename)

/** What is used of `@apollo/gateway`. */
interface ApolloGatewayPackage {
  readonly ApolloGateway: new (options: {
    supergraphSdl: string
    buildService(service: { name: string }): object
  }) => NonNullable<ConstructorParameters<typeof ApolloServer>[0]['gateway']>
  readonly LocalGraphQLDataSource: new (schema: GraphQLSchema) => object
}

/** `@apollo/gateway` behind Apollo Server, subgraphs in this process. */
export const apollo: TargetKind = {
  name: 'apollo',
  async start(graph) {
    const { ApolloGateway, LocalGraphQLDataSource } = load('@apollo/gateway') as ApolloGatewayPackage
    const gateway = new ApolloGateway({
      supergraphSdl: graph.supergraphSdl,
      buildService: ({ name }) => new LocalGraphQLDataSource(graph.subgraphs.get(name) as GraphQLSchema),
    })
    const server = new ApolloServer({ gateway, includeStacktraceInErrorResponses: false })
    await server.start()
    return [
      {
        schema: graph.whole,
        samples: graph,
        ask: ({ text, operationName, variables }, faultSeed) =>
          inTrial(faultSeed, async ({ id }) => {
            const { body } = await server.executeOperation(
              { query: text, operationName, variables },
              { contextValue: { request: { headers: { [trialHeader]: id } } } },
            )
            if (body.kind !== 'single') throw new Error('an answer in parts')
            const { data, errors = [] } = body.singleResult
            return {
              dataText: data === undefined ? undefined : JSON.stringify(data),
              errors: errors as readonly AnswerError[],
            }
          }),
        close: () => server.stop(),
      },
    ]
  },
}

/** What is used of Hive Gateway's runtime, whose types would add fields to those of graphql in every file. */
interface HivePackage {
  createGatewayRuntime(options: object): {
    fetch(url: string, init: object): Promise<Response>
    [Symbol.asyncDispose](): Promise<void>
  }
}

/** Hive Gateway's runtime, subgraphs served by graphql-js. */
export const hive: TargetKind = {
  name: 'hive',
  async start(graph) {
    const { createGatewayRuntime } = load('@graphql-hive/gateway-runtime') as HivePackage
    const urls = new Map<string, string>()
    const closing: (() => Promise<unknown>)[] = []
    for (const [name, schema] of graph.subgraphs) {
      const { url, close } = await startPlainServer(schema)
      urls.set(name, url)
      closing.push(close)
    }
    const runtime = createGatewayRuntime({
      supergraph: graph.supergraphAt((name) => urls.get(name) as string),
      logging: false,
      maskedErrors: false,
      graphiql: false,
      landingPage: false,
      propagateHeaders: {
        fromClientToSubgraphs: ({ request }: { request: Request }) => ({
          [trialHeader]: request.headers.get(trialHeader),
        }),
      },
    })
    return [
      {
        schema: graph.whole,
        samples: graph,
        ask: ({ text, operationName, variables }, faultSeed) =>
          inTrial(faultSeed, async ({ id }) => {
            const response = await runtime.fetch('http://hive/graphql', {
              method: 'POST',
              headers: { 'content-type': 'application/json', accept: 'application/json', [trialHeader]: id },
              body: JSON.stringify({ query: text, operationName, variables }),
            })
            return readAnswer(await response.text())
          }),
        close: () => closeAll([() => runtime[Symbol.asyncDispose](), ...closing]),
      },
    ]
  },
}
