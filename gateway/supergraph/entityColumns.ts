import { parse } from 'graphql'
import { Deadlines, systemClock } from '../../lib/clock'
import type { EntityFetch } from '../../lib/execution/subgraphExecutor'
import { LruCache } from '../../lib/lruCache'
import { compileMakeObjects, compileReadColumn } from '../graphql/columnCode'
import { answerTooLate } from '../graphql/upstreamErrors'
import type { AnswerBudget } from '../limits/answerBudget'
import { entitiesKeyOf, type LocalColumns } from '../local/localExecutor'
import type { ColumnOperation, OperationGateway } from '../operations/operationGateway'
import { expired, PlanRun } from '../run/planRun'

/** Makes `entityColumns` of a subgraph's gateway: entity fetches that it has served before, by columns. */
export function createEntityColumns(
  compileFetch: (fetch: EntityFetch) => LocalColumns | undefined,
  operations: OperationGateway['operations'],
  budget: AnswerBudget,
): NonNullable<OperationGateway['entityColumns']> {
  const deadlines = new Deadlines<PlanRun>(systemClock)
  /** By type, fields and text; null for what cannot be answered by columns. */
  const known = new LruCache<ColumnOperation | null>(1000, 16_000_000)

  function compile(text: string, type: string, sent: readonly string[]): ColumnOperation | null {
    const document = parse(text, { noLocation: true })
    const entitiesKey = entitiesKeyOf(document)
    if (entitiesKey === undefined) return null
    const operation = { kind: 'query', text, document } as const
    const fetch = { operation, entitiesKey, type, sent: new Set(sent), isFlat: true, isForPredictions: true }
    const columns = compileFetch(fetch)
    if (columns === undefined) return null
    return {
      makeEntities: compileMakeObjects(type, sent),
      keys: columns.keys,
      reads: columns.keys.map(compileReadColumn),
      run: run(columns),
    }
  }

  function run(columns: LocalColumns): ColumnOperation['run'] {
    return async (entities, variables, request) => {
      const run = new PlanRun(request, deadlines, budget)
      try {
        const found = await run.inTime(columns.fill(entities, variables, request, run))
        if (run.refusal !== undefined) throw run.refusal
        if (found === expired) throw answerTooLate()
        return found
      } finally {
        run.dispose()
      }
    }
  }

  return (text, maxTokens, type, sent) => {
    // The number tells `a,b`, which anybody may send, from the fields `a` and `b`.
    const key = `${type} ${sent.length} ${sent.join()} ${text}`
    let columns = known.get(key)
    if (columns === undefined) {
      if (operations.find(text, undefined, maxTokens) === undefined) return undefined
      columns = compile(text, type, sent)
      known.set(key, columns, key.length)
    }
    return columns
  }
}
