import { PresageError } from '../../lib/errors'
import { isMap } from '../../lib/isMap'
import { type ClientRequest, explainedIn } from '../../lib/request/clientRequest'
import { Explain } from '../../lib/request/explain'
import { columnsText, columnsType } from '../graphql/columnList'
import { columnText } from '../graphql/columnText'
import { columnsHeader, readSentEntities, type SentEntities } from '../graphql/entityColumns'
import { locatedPresageError, singleErrors } from '../graphql/locatedError'
import { anonymous } from '../graphql/operationName'
import type { OperationAnswer } from '../http/sendAnswer'
import type { ColumnOperation, OperationGateway } from '../operations/operationGateway'
import { type FormatError, formatErrors } from '../response/formatError'
import type { LogErrors } from './errorLog'

/** What answers that Apollo Server does not make are made with. */
export interface OwnAnswers {
  readonly gateway: OperationGateway
  readonly formatError: FormatError
  /** The most tokens in a document. */
  readonly maxTokens: number
  /** Logs the parts of these errors that clients do not see. */
  readonly logErrors: LogErrors
}

/** Answers gateways of ours that send entities by columns. */
export interface ColumnRequests {
  /**
   * Undefined, with nothing begun, for any other request, and for an operation that was not asked before. Answers with
   * columns as text if `asText` and nothing failed.
   */
  answer(body: unknown, asText: boolean, request: ClientRequest): Promise<OperationAnswer> | undefined
}

/** Adds to an answer that columns are taken. */
export function offerColumns(answer: OperationAnswer): OperationAnswer {
  return { ...answer, headers: [...answer.headers, [columnsHeader, '1']] }
}

/** Undefined for a gateway that takes no columns. */
export function createColumnRequests({
  gateway,
  formatError,
  maxTokens,
  logErrors,
}: OwnAnswers): ColumnRequests | undefined {
  if (gateway.entityColumns === undefined) return undefined

  async function run(
    operation: ColumnOperation,
    sent: SentEntities,
    variables: Readonly<Record<string, unknown>>,
    asText: boolean,
    request: ClientRequest,
  ): Promise<OperationAnswer> {
    const explain = request.explain && new Explain()
    const entities = operation.makeEntities(sent.rows, sent.columns)
    const asked = explain ? explainedIn(request, explain) : request
    try {
      const { errors, shared } = await operation.run(entities, variables, asked)
      const extensions = explain && { presage: explain.rows() }
      if (asText && explain === undefined && errors.length === 0 && shared.length === 0) {
        const texts = operation.reads.map((read) => columnText(read(entities)))
        const head = { rows: sent.rows, columns: operation.keys }
        return { status: 200, headers: text, text: columnsText(head, texts) }
      }
      const columns = Object.fromEntries(
        operation.keys.map((key, at) => [key, operation.reads[at](entities)]),
      )
      return answerOf({ columns }, [...errors, ...shared.flatMap(singleErrors)], request, extensions)
    } catch (error) {
      if (!(error instanceof PresageError)) throw error
      return answerOf(undefined, [locatedPresageError(error, undefined)], request)
    }
  }

  function answerOf(
    data: object | undefined,
    errors: readonly unknown[],
    request: ClientRequest,
    extensions?: object,
  ): OperationAnswer {
    if (errors.length > 0) logErrors(errors, request)
    const answer = {
      ...(errors.length > 0 && { errors: formatErrors(errors, formatError) }),
      ...(data && { data }),
      ...(extensions && { extensions }),
    }
    return { status: 200, headers: json, text: `${JSON.stringify(answer)}\n` }
  }

  return {
    answer(body, asText, request) {
      if (!isMap(body)) return undefined
      const { query, variables = {}, extensions } = body
      const sent = readSentEntities(extensions)
      if (sent === undefined || typeof query !== 'string' || !isMap(variables)) return undefined
      const names = Object.keys(sent.columns)
      const operation = gateway.entityColumns?.(query, maxTokens, sent.type, names)
      if (operation === undefined) return undefined
      request.operation = anonymous
      return operation === null
        ? Promise.resolve(answerOf({ columns: null }, [], request))
        : run(operation, sent, variables, asText, request)
    },
  }
}

const json: OperationAnswer['headers'] = [['content-type', 'application/json; charset=utf-8']]
const text: OperationAnswer['headers'] = [['content-type', columnsType]]
