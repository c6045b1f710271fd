import type { ApolloServerPlugin, GraphQLRequestListener } from '@apollo/server'
import { type DocumentNode, type GraphQLSchema, specifiedRules, type ValidationRule } from 'graphql'
import { LruCache } from '../../lib/lruCache'
import { memoizedWeakly } from '../../lib/memoized'
import { wholeTurn } from '../../lib/scheduling/loopTurn'
import { isLong } from '../operations/cacheBytes'
import { parsed } from '../operations/operationCache'
import type { GatewayContext } from '../operations/operationGateway'
import { isValidInParts } from './isValidInParts'

/** What Apollo Server reads after `didResolveSource`: it neither parses nor validates where there is a document. */
interface DocumentPlace {
  document?: DocumentNode | undefined
}

/**
 * Keeps the documents that Apollo Server would else parse and validate again. Parses and validates new long ones itself,
 * for each takes milliseconds in which no other request is answered: each step is given a turn of the event loop or
 * several. What it finds invalid Apollo Server looks at again, and reports. `ownRules` are those beside the
 * specification's.
 */
export function createValidDocuments(
  ownRules: readonly ValidationRule[],
  maxTokens: number,
): ApolloServerPlugin<GatewayContext> {
  const rules = [...specifiedRules, ...ownRules]
  const documentsOf = memoizedWeakly(
    (_: GraphQLSchema) => new LruCache<DocumentNode>(maxDocuments, maxCharacters),
  )

  async function validate(
    text: string,
    schema: GraphQLSchema,
    client: string,
  ): Promise<DocumentNode | undefined> {
    await wholeTurn(client)
    const document = parsed(text, maxTokens)
    if (document === undefined) return undefined
    return (await isValidInParts(schema, document, rules, client)) ? document : undefined
  }

  const listener: GraphQLRequestListener<GatewayContext> = {
    async didResolveSource(context) {
      const { source, schema, contextValue } = context
      const place: DocumentPlace = context
      place.document = documentsOf(schema).get(source)
      if (place.document === undefined && isLong(source))
        place.document = await validate(source, schema, contextValue.request.client)
    },
    async validationDidStart({ source, contextValue }) {
      if (isLong(source)) await wholeTurn(contextValue.request.client)
    },
    async didResolveOperation({ source, schema, document, contextValue }) {
      const documents = documentsOf(schema)
      if (documents.get(source) === document) return
      if (source.length <= maxCharacters) documents.set(source, document, source.length)
      // What the gateway reads in it before it compiles takes a turn as well.
      if (isLong(source)) await wholeTurn(contextValue.request.client)
    },
  }
  return { requestDidStart: async () => listener }
}

const maxDocuments = 1000
/** Of all texts together. A document takes some 20 bytes a character, and with places in its text some 60. */
const maxCharacters = 500_000
