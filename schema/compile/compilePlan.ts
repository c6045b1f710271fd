import { type FieldDefinitionNode, isInterfaceType, isObjectType, Kind } from 'graphql'
import { deepFreeze } from '../../lib/deepFreeze'
import { LoadError } from '../../lib/errors'
import { shortPath } from '../../lib/packagePaths'
import { checkFieldPlace } from '../checks/fieldPlace'
import { checkNoResolver } from '../checks/noResolver'
import { checkNullableField } from '../checks/nullableField'
import { checkRequires } from '../checks/requires'
import { checkRequiresCycle } from '../checks/requiresCycle'
import { checkShard } from '../checks/shard'
import { checkSharedField } from '../checks/sharedField'
import { checkSharedInputs, type PlacedField } from '../checks/sharedInputs'
import type { Catalog } from '../fields/catalog'
import { findTarget, type Target } from '../fields/contract'
import type { Plan, PredictionField } from '../fields/plan'
import { readArguments } from '../fields/predictArguments'
import type { Site } from '../fields/site'
import { predictName } from '../sdl/predictDirective'
import { type BuiltSubgraphs, buildSubgraphs, hasDirective, type Subgraph } from '../sdl/subgraph'
import type { SubgraphSource } from '../sdl/subgraphSources'
import { findTakenOver, type IsTakenOver } from '../sdl/takenOver'
import { bindInputs } from './bindInputs'
import { type ShapedOutput, shapeOutput } from './shapeOutput'
import { unansweredKeys } from './unansweredKeys'
import { unreadRequirements } from './unreadRequirements'
import { unusedArguments } from './unusedArguments'

/**
 * Compiles every `@predict` field of the subgraphs in this process against the catalog, in the order of the subgraphs
 * and of their files. Throws one `LoadError` with all problems of all fields: `file:line Type.field: what must be, got
 * what came`.
 */
export function compilePlan(sources: readonly SubgraphSource[], catalog: Catalog): Plan {
  return planSubgraphs(buildSubgraphs(sources), catalog)
}

/** The same for built subgraphs. The problems that kept some from being built are included. */
export function planSubgraphs({ subgraphs, problems: unbuilt }: BuiltSubgraphs, catalog: Catalog): Plan {
  const problems = [...unbuilt]
  const fields: PredictionField[] = []
  const report: string[] = []
  const first = new Map<string, PlacedField>()
  const isTakenOver = findTakenOver(subgraphs)
  for (const subgraph of subgraphs) {
    // A remote subgraph answers its own prediction fields, with objectives and models that may be unknown here.
    if (subgraph.isRemote) continue
    for (const place of predictionFieldsOf(subgraph)) {
      const site = createSite(subgraph, subgraphs, catalog, place, problems)
      const field = compileField(site, isTakenOver)
      if (field === undefined) continue
      fields.push(field)
      if (!isTakenOver(subgraph.name, `${field.type}.${field.field}`)) {
        const earlier = first.get(field.coordinate)
        if (earlier === undefined) first.set(field.coordinate, { site, field })
        else checkSharedInputs({ site, field }, earlier)
      }
      report.push(
        ...reportPin(field),
        ...unusedArguments(site, field.inputs),
        ...unreadRequirements(site, field.inputs),
        ...unansweredKeys(site),
      )
    }
  }
  if (problems.length > 0) throw new LoadError(problems)
  // What is told of a type is told once, whatever the number of its fields.
  return deepFreeze({ fields, report: [...new Set(report)] })
}

interface Place {
  readonly type: string
  readonly node: FieldDefinitionNode
}

function predictionFieldsOf(subgraph: Subgraph): Place[] {
  return subgraph.document.definitions.flatMap((definition) => {
    switch (definition.kind) {
      case Kind.OBJECT_TYPE_DEFINITION:
      case Kind.OBJECT_TYPE_EXTENSION:
      case Kind.INTERFACE_TYPE_DEFINITION:
      case Kind.INTERFACE_TYPE_EXTENSION:
        return (definition.fields ?? [])
          .filter((node) => hasDirective(node, predictName))
          .map((node) => ({ type: definition.name.value, node }))
      default:
        return []
    }
  })
}

function createSite(
  subgraph: Subgraph,
  subgraphs: readonly Subgraph[],
  catalog: Catalog,
  { type: typeName, node }: Place,
  problems: string[],
): Site {
  const type = subgraph.schema.getType(typeName)
  if (!isObjectType(type) && !isInterfaceType(type)) throw new Error(`Bug: ${typeName} has fields`)
  const field = type.getFields()[node.name.value]
  // The supergraph calls the root type Query, whatever its name is here.
  const publicType = type === subgraph.schema.getQueryType() ? 'Query' : typeName
  const coordinate = `${publicType}.${field.name}`
  const place = `${shortPath(subgraph.file)}:${node.name.loc?.startToken.line}`
  return {
    subgraph,
    subgraphs,
    catalog,
    type,
    field,
    coordinate,
    args: readArguments(subgraph, field),
    refuse: (problem) => {
      const line = `${place} ${coordinate}: ${problem}`
      if (!problems.includes(line)) problems.push(line)
    },
  }
}

function compileField(site: Site, isTakenOver: IsTakenOver): PredictionField | undefined {
  checkFieldPlace(site)
  if (isInterfaceType(site.type)) return undefined
  checkNullableField(site)
  checkNoResolver(site)
  checkSharedField(site, isTakenOver)
  checkRequires(site)
  checkRequiresCycle(site)
  const target = findTarget(site)
  if (target === undefined) return undefined
  checkShard(site, target)
  const inputs = bindInputs(site, target.contracts)
  const shaped = shapeForAll(site, target)
  if (shaped === undefined) return undefined
  return {
    subgraph: site.subgraph.name,
    type: site.type.name,
    field: site.field.name,
    coordinate: site.coordinate,
    target: target.target,
    ...(site.args.shard == null ? {} : { shard: site.args.shard }),
    ...(target.unit === undefined ? {} : { unit: target.unit }),
    inputs,
    ...shaped,
  }
}

/** The shape of the field's value, which must be the same for every version that may answer. */
function shapeForAll(place: Site, { contracts: [first, ...others] }: Target): ShapedOutput | undefined {
  // Fields with a resolver need no output, so only a process that has the subgraph's resolvers can refuse its shapes.
  const isOpen = place.catalog.knowsResolvers?.(place.subgraph.name) === false
  const site: Site = isOpen ? { ...place, refuse: () => undefined } : place
  const shaped = shapeOutput(site, first)
  for (const other of others) {
    const otherShaped = shapeOutput(site, other)
    if (shaped === undefined || otherShaped === undefined) continue
    if (JSON.stringify(shaped.shape) === JSON.stringify(otherShaped.shape)) continue
    site.refuse(
      `must take the same output of every version, got ${outputsOf(shaped)} of ${first.label} and ${outputsOf(otherShaped)} of ${other.label}; pin one version`,
    )
  }
  return shaped
}

function outputsOf({ outputs }: ShapedOutput): string {
  return outputs.map((output) => output.name).join(', ')
}

function reportPin({ coordinate, target }: PredictionField): string[] {
  if (target.kind !== 'model') return []
  const { model, version } = target
  const pinned = version === undefined ? `${model}, its newest ready version` : `${model}@${version}`
  return [`${coordinate} pins ${pinned}, so rules do not apply to it`]
}
