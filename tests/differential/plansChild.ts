import { readFileSync } from 'node:fs'
import { QueryPlanner } from '@graphql-hive/router-query-planner'
import { type FragmentDefinitionNode, getOperationAST, Kind } from 'graphql'
import { checkedPlan } from '../../federation/checkedPlan'
import { type Conditions, conditionVariables } from '../../federation/operations/conditions'
import { normalize } from '../../federation/operations/normalize'
import type { NormalOperation } from '../../federation/operations/normalOperation'
import { buildPublicSchema } from '../../federation/supergraph/publicSchema'
import { readSupergraph } from '../../federation/supergraph/readSupergraph'
import { readShape } from '../../gateway/operations/documentShape'
import { generate, type Samples, type ValidOperation } from './generate/generate'
import { startGraph } from './graphs/all'
import type { Graph } from './graphs/graph'

/** What a child process is to do, as its argument, in JSON. */
export interface PlansTask {
  /** A graph's name, or the path of a supergraph file. */
  readonly graph: string
  readonly planner: string
  readonly from: number
  readonly count: number
}

/** What was done up to a seed. */
export interface PlansReport {
  readonly seed: number
  readonly planned: number
  readonly refused: Readonly<Record<string, number>>
}

type Plan = (operation: NormalOperation) => void

/** Of the conditions of an operation so many combinations at most. */
const maxCombinations = 16

async function run({ graph: name, planner, from, count }: PlansTask): Promise<void> {
  const graph = name.endsWith('.graphql') ? readGraph(name) : await startGraph(name)
  const plan = planner === 'native' ? nativePlan(graph.supergraphSdl) : ownPlan(graph.supergraphSdl)
  const schema = buildPublicSchema(graph.supergraphSdl)
  const refused: Record<string, number> = {}
  let planned = 0
  for (let seed = from; planned < count; seed++) {
    // Before it is planned: whoever finds this process dead goes on behind it.
    await report({ seed, planned, refused })
    const operation = generate(schema, graph, seed)?.first
    if (operation === undefined) continue
    for (const part of parts(operation, schema)) {
      planned++
      try {
        plan(part)
      } catch (error) {
        const kind = String((error as Error).message)
          .replace(/'[^']*'/g, "'…'")
          .slice(0, 120)
        refused[kind] = (refused[kind] ?? 0) + 1
      }
    }
  }
  await report({ seed: 0, planned, refused })
  await graph.close?.()
  process.exit(0)
}

/** Any supergraph, in a file. Nothing is known of its values. */
function readGraph(file: string): Pick<Graph, 'supergraphSdl' | 'close' | keyof Samples> {
  const supergraphSdl = readFileSync(file, 'utf8')
  return { supergraphSdl, samples: {}, literals: {}, variableValues: {}, close: async () => {} }
}

/** All that is planned of an operation: for some combinations of its conditions, in both forms. */
function* parts(
  operation: ValidOperation,
  schema: ReturnType<typeof buildPublicSchema>,
): Iterable<NormalOperation> {
  const chosen = getOperationAST(operation.document, operation.operationName)!
  const fragments = new Map<string, FragmentDefinitionNode>()
  for (const node of operation.document.definitions) {
    if (node.kind === Kind.FRAGMENT_DEFINITION) fragments.set(node.name.value, node)
  }
  const { numbers } = readShape(operation.document)
  const names = conditionVariables(chosen, fragments)
  for (let combination = 0; combination < Math.min(maxCombinations, 2 ** names.length); combination++) {
    const conditions: Conditions = Object.fromEntries(
      names.map((name, bit) => [name, ((combination >> bit) & 1) === 1]),
    )
    const asked = { schema, operation: chosen, fragments, conditions, numbers, maxListLength: 1000 }
    for (const form of ['compact', 'apart'] as const) yield* normalize(asked, form).parts
  }
}

function ownPlan(supergraphSdl: string): Plan {
  const supergraph = readSupergraph(supergraphSdl)
  return (operation) => checkedPlan(operation, supergraph)
}

function nativePlan(supergraphSdl: string): Plan {
  const planner = new QueryPlanner(supergraphSdl)
  return ({ text }) => planner.plan(text, null, new Set(), 100)
}

function report(message: PlansReport): Promise<void> {
  return new Promise((resolve) => {
    process.send?.(message, () => resolve())
  })
}

run(JSON.parse(process.argv[2]) as PlansTask).catch((error: unknown) => {
  console.error(error)
  process.exit(3)
})
