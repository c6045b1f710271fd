import { buildSubgraphSchema } from '@apollo/subgraph'
import { validateSubgraph } from '@theguild/federation-composition'
import {
  type DocumentNode,
  GraphQLError,
  type GraphQLField,
  type GraphQLNamedType,
  type GraphQLSchema,
  getDirectiveValues,
  Kind,
  type SelectionSetNode,
  visit,
} from 'graphql'
import { LoadError } from '../../lib/errors'
import { shortPath } from '../../lib/packagePaths'
import { compositionProblem, withHint } from './compositionProblem'
import {
  type FederationLink,
  latestMinor,
  linkedAsComposed,
  readFederationLink,
  stringArgument,
} from './federationLink'
import { parseFieldSet } from './fieldSet'
import { locatedMessage } from './parseSdl'
import { predictName, withPredictDirective } from './predictDirective'
import { withoutServiceFields } from './serviceFields'
import type { SubgraphSource } from './subgraphSources'
import { typeElsewhere } from './typeElsewhere'
import { unknownName } from './unknownName'

/** A subgraph's built schema, with the meaning of its federation directives. */
export interface Subgraph {
  readonly name: string
  readonly file: string
  readonly document: DocumentNode
  readonly schema: GraphQLSchema
  readonly federation: FederationLink
  /** Whether the subgraph runs in another process. */
  readonly isRemote: boolean
}

/** Throws `LoadError` with file and line of every problem that keeps the schema from being built. */
export function buildSubgraph(source: SubgraphSource, all: readonly SubgraphSource[] = []): Subgraph {
  const { document } = withPredictDirective(source)
  const federation = readFederationLink(document)
  refuseNewer(source, federation)
  try {
    refuseInvalid(source, document, all)
    const schema = buildSubgraphSchema([{ typeDefs: withoutServiceFields(document) }])
    requireArgumentsRead(document, schema)
    return {
      name: source.name,
      file: source.file,
      document,
      schema,
      federation,
      isRemote: source.isRemote === true,
    }
  } catch (error) {
    // Both libraries throw plain errors for some schemas, such as for a @link without a url.
    if (error instanceof LoadError) throw error
    if (error instanceof GraphQLError) throw new LoadError([locatedMessage(error, source.file)])
    throw new LoadError([`${shortPath(source.file)}: ${(error as Error).message}`])
  }
}

/** Subgraphs in the order of their sources. */
export interface BuiltSubgraphs {
  readonly subgraphs: readonly Subgraph[]
  /** The problems that kept others from being built. */
  readonly problems: readonly string[]
}

/** Builds each subgraph, and collects the problems of those that cannot be built. */
export function buildSubgraphs(sources: readonly SubgraphSource[]): BuiltSubgraphs {
  const subgraphs: Subgraph[] = []
  const problems: string[] = []
  for (const source of sources) {
    try {
      subgraphs.push(buildSubgraph(source, sources))
    } catch (error) {
      if (!(error instanceof LoadError)) throw error
      problems.push(...error.problems)
    }
  }
  return { subgraphs, problems }
}

/** Before all other problems, which may only come of it. */
function refuseNewer({ file }: SubgraphSource, { node, major, minor }: FederationLink): void {
  if (node === undefined || major < 2 || (major === 2 && minor <= latestMinor)) return
  throw new LoadError([
    `${shortPath(file)}:${node.loc?.startToken.line} @link: must be to federation v2.${latestMinor} or earlier, got v${major}.${minor}`,
  ])
}

function refuseInvalid(source: SubgraphSource, document: DocumentNode, all: readonly SubgraphSource[]): void {
  const errors = validateSubgraph({ name: source.name, typeDefs: linkedAsComposed(document) }).filter(
    // Federation's other rules are reported by composition, after the prediction fields were checked with our messages.
    (error) => error.extensions['code'] === 'INVALID_GRAPHQL',
  )
  if (errors.length === 0) return
  const lines = errors.map((error) => {
    return withHint(
      compositionProblem(error, [source]),
      typeElsewhere(error.message, all) ?? unknownName(error.message, document),
    )
  })
  throw new LoadError(
    lines.filter((line) => !lines.some((other) => other !== line && other.startsWith(line))),
  )
}

/** Validation accepts some values of a wrong type, such as a list in a list; reading them throws. */
function requireArgumentsRead(document: DocumentNode, schema: GraphQLSchema): void {
  const directive = schema.getDirective(predictName)
  if (!directive) return
  visit(document, {
    FieldDefinition: (node) => {
      getDirectiveValues(directive, node)
    },
  })
}

/** Whether another subgraph owns the field: `@external` on it, or on its whole type. */
export function isExternal(
  subgraph: Subgraph,
  type: GraphQLNamedType,
  field: GraphQLField<unknown, unknown>,
): boolean {
  const name = subgraph.federation.directive('external')
  if (hasDirective(field.astNode, name)) return true
  return typeNodes(type).some(
    (node) =>
      hasDirective(node, name) && 'fields' in node && node.fields?.some((other) => other === field.astNode),
  )
}

/** Whether the field is part of a `@key` of its type, and so is in every representation, even if it is not required. */
export function isKeyField(subgraph: Subgraph, type: GraphQLNamedType, field: string): boolean {
  return keysOf(subgraph, type).some((key) =>
    key.selections.some((selection) => selection.kind === Kind.FIELD && selection.name.value === field),
  )
}

/** The parsed field sets of a type's `@key`s; empty if it is not an entity here. */
export function keysOf(subgraph: Subgraph, type: GraphQLNamedType): SelectionSetNode[] {
  const name = subgraph.federation.directive('key')
  return typeNodes(type)
    .flatMap((node) => node.directives ?? [])
    .filter((directive) => directive.name.value === name)
    .flatMap((directive) => parseFieldSet(stringArgument(directive, 'fields') ?? '') ?? [])
}

/** Whether the field is a prediction in its subgraph. */
export function isPrediction(field: GraphQLField<unknown, unknown>): boolean {
  return hasDirective(field.astNode, predictName)
}

export function hasDirective(
  node: { readonly directives?: readonly { readonly name: { readonly value: string } }[] } | null | undefined,
  name: string,
): boolean {
  return node?.directives?.some((directive) => directive.name.value === name) ?? false
}

/** The definition of a type and its extensions. */
export function typeNodes(type: GraphQLNamedType) {
  return [type.astNode, ...type.extensionASTNodes].filter((node) => node !== undefined && node !== null)
}

/** The field set of the field's `@requires`, as written. */
export function requiresOf(subgraph: Subgraph, field: GraphQLField<unknown, unknown>): string | undefined {
  const name = subgraph.federation.directive('requires')
  const directive = field.astNode?.directives?.find((candidate) => candidate.name.value === name)
  return directive === undefined ? undefined : stringArgument(directive, 'fields')
}
