import type { GatewayGraphQLRequestContext } from '@apollo/server-gateway-interface'
import type { GraphQLError, GraphQLSchema } from 'graphql'
import type { ClientRequest } from '../lib/clientRequest'
import type { ScannedText } from './lifting/scanLiterals'
import type { Variables } from './planRun'

/** What Apollo Server knows of an operation that it has parsed, validated and chosen from its document. */
export type ResolvedOperation = Pick<
  GatewayGraphQLRequestContext,
  'schema' | 'source' | 'document' | 'operation' | 'operationName'
>

/** The answer of an operation that ran: its data as JSON, and the errors of what is null in it. */
export interface OperationResult {
  readonly dataText: string
  readonly errors: readonly GraphQLError[]
  /** Only where the request asked for them. */
  readonly extensions?: object
}

/** An operation that Apollo Server has let through before, ready to run without it. */
export interface KnownOperation {
  readonly name: string | null
  /** The same object for all texts that it was compiled for, where they differ in their literals; undefined: it is this text's. */
  readonly shape?: object
  /** As `run` takes them; undefined where anything is wrong with them, or with running it at all, which is Apollo Server's to say. */
  readVariables(variables: Variables): Variables | undefined
  run(variables: Variables, request: ClientRequest): Promise<OperationResult>
}

/** Those that a schema can run without Apollo Server. */
export interface KnownOperations {
  /** What clients see. */
  readonly apiSchema: GraphQLSchema
  /** What Apollo Server has just run, to be run again without it; undefined where that cannot be, or it is forgotten already. */
  known(operation: ResolvedOperation): KnownOperation | undefined
  /** What runs a text that need not be known, by one that differed in its literals; undefined where there was none. */
  knownShape(
    text: string,
    scanned: ScannedText,
    operationName: string | undefined,
  ): KnownOperation | undefined
}
