import type { ApolloServerPlugin, GraphQLRequestListener } from '@apollo/server'
import {
  type DocumentNode,
  type GraphQLError,
  type GraphQLSchema,
  parse,
  specifiedRules,
  type ValidationRule,
} from 'graphql'
import { LruCache } from '../../lib/lruCache'
import { memoizedWeakly } from '../../lib/memoized'
import type { ClientRequest } from '../../lib/request/clientRequest'
import { wholeTurn } from '../../lib/scheduling/loopTurn'
import { startWork } from '../../lib/scheduling/workTime'
import { hasMoreComments } from '../graphql/comments'
import { lightError } from '../graphql/lightError'
import { locatedPresageError } from '../graphql/locatedError'
import { refusalWithRetryAfter } from '../limits/newOperations'
import { isLong } from '../operations/cacheBytes'
import { parsed } from '../operations/operationCache'
import type { GatewayContext, OperationGateway } from '../operations/operationGateway'
import { type FormatError, formatErrors, tooManyTokens } from '../response/formatError'
import { locateInParts, validateInParts } from './validateInParts'

/** What Apollo Server reads after `didResolveSource`: it neither parses nor validates where there is a document. */
interface DocumentPlace {
  document?: DocumentNode | undefined
}

/**
 * Keeps the documents that Apollo Server would else parse and validate again. Parses and validates new long ones itself,
 * for each takes milliseconds in which no other request is answered: each step is given a turn of the event loop or
 * several, and each client has one such text read at a time. What does not parse Apollo Server looks at again, and
 * reports. `ownRules` are those beside the specification's. A client whose texts were too often read in vain has them
 * refused unread.
 */
export function createValidDocuments(
  gateway: Pick<OperationGateway, 'operations' | 'newOperations'>,
  ownRules: readonly ValidationRule[],
  maxTokens: number,
  formatError: FormatError,
): ApolloServerPlugin<GatewayContext> {
  const rules = [...specifiedRules, ...ownRules]
  const documentsOf = memoizedWeakly(
    (_: GraphQLSchema) => new LruCache<DocumentNode>(maxDocuments, maxCharacters),
  )
  /** By Apollo Server's context of a request: what came of its text, unless that was known. */
  const readings = new WeakMap<object, Reading>()
  const turns = new ClientTurns()

  async function read(text: string, schema: GraphQLSchema, request: ClientRequest): Promise<Reading> {
    if (gateway.newOperations?.mayRead(request) === false)
      return { errors: [refusalWithRetryAfter(gateway.newOperations.refuse())], isUnread: true }
    if (hasMoreComments(text, maxTokens))
      return { errors: [asInvalid(locatedPresageError(tooManyTokens(maxTokens), undefined))] }
    if (!isLong(text)) return {}
    const { client } = request
    let ms = 0
    const worked = (more: number) => {
      ms += more
    }
    const parsedNow = (isLocated: boolean) => {
      const workMs = startWork()
      const document = parsed(text, maxTokens, isLocated)
      worked(workMs())
      return document
    }
    const document = parsedNow(false)
    if (document === undefined) return {}
    const errors = await validateInParts(schema, document, rules, client, worked)
    if (errors.length === 0) return { document }
    await wholeTurn(client)
    const located = await locateInParts(errors, document, parsedNow(true)!, client, worked)
    return { errors: located.map(asInvalid), ms }
  }

  const listener: GraphQLRequestListener<GatewayContext> = {
    async didResolveSource(context) {
      const { source, schema, contextValue } = context
      const { request } = contextValue
      const place: DocumentPlace = context
      place.document = documentsOf(schema).get(source)
      if (place.document !== undefined) return
      const reading = isLong(source)
        ? // What cannot be validated in parts, Apollo Server validates.
          await turns.take(request.client, () => read(source, schema, request).catch((): Reading => ({})))
        : await read(source, schema, request)
      readings.set(context, reading)
      place.document = reading.errors === undefined ? reading.document : nothing
    },
    async validationDidStart({ source, contextValue }) {
      if (isLong(source)) await wholeTurn(contextValue.request.client)
    },
    async didResolveOperation(context) {
      const { source, schema, document, contextValue } = context
      const [error] = readings.get(context)?.errors ?? []
      if (error !== undefined) {
        // Nothing is known of the operation.
        contextValue.request.operation = undefined
        throw error
      }
      const documents = documentsOf(schema)
      if (documents.get(source) === document) return
      if (source.length <= maxCharacters) documents.set(source, document, source.length)
      // What the gateway reads in it before it compiles takes a turn as well.
      if (isLong(source)) await wholeTurn(contextValue.request.client)
    },
    async willSendResponse(context) {
      const { source, request, response, contextValue } = context
      const { body } = response
      if (body.kind !== 'single' || body.singleResult.data !== undefined || source === undefined) return
      const reading = readings.get(context)
      const { errors, ms, isUnread } = reading ?? {}
      // Apollo Server has been told of the first one alone.
      if (errors !== undefined) body.singleResult.errors = formatErrors(errors, formatError)
      const wasKnown = reading === undefined && gateway.operations.known(source, request.operationName)
      if (!wasKnown && !isUnread) gateway.newOperations?.readInVain(contextValue.request, ms)
    },
  }
  return { requestDidStart: async () => listener }
}

/** What came of a text. Without any of it, Apollo Server parses and validates the text. */
interface Reading {
  /** The document is valid. */
  readonly document?: DocumentNode
  /** Why there is none. */
  readonly errors?: readonly GraphQLError[]
  /** How long it took to find the errors. */
  readonly ms?: number
  readonly isUnread?: boolean
}

/** The error as Apollo Server reports those of its own validation. */
function asInvalid({ message, nodes, originalError, extensions }: GraphQLError): GraphQLError {
  return lightError(message, {
    nodes,
    originalError,
    extensions: { http: { status: 400 }, ...extensions, code: 'GRAPHQL_VALIDATION_FAILED' },
  })
}

/** Has each client's work done one after the other, each in a turn of the event loop. */
class ClientTurns {
  private readonly last = new Map<string, Promise<unknown>>()

  /** `work` must not reject. */
  async take<T>(client: string, work: () => Promise<T>): Promise<T> {
    const before = this.last.get(client)
    const own = (async () => {
      await before
      await wholeTurn(client)
      return work()
    })()
    this.last.set(client, own)
    const result = await own
    if (this.last.get(client) === own) this.last.delete(client)
    return result
  }
}

/** For Apollo Server, which has to be given a document. */
const nothing = parse('{ __typename }', { noLocation: true })
const maxDocuments = 1000
/** Of all texts together. A document takes some 20 bytes a character, and with places in its text some 60. */
const maxCharacters = 500_000
