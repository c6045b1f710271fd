import {
  type GraphQLField,
  type GraphQLNamedType,
  type GraphQLObjectType,
  type GraphQLSchema,
  getNamedType,
  isAbstractType,
  isInterfaceType,
  isLeafType,
  isObjectType,
  isRequiredArgument,
} from 'graphql'

/** A field of the path, or a type condition that narrows an interface or union. */
type Step = GraphQLField<unknown, unknown> | GraphQLObjectType

/**
 * The shortest operation for one field of an object type: a query, or a mutation if only those lead to the type;
 * undefined if nothing does. Required arguments are variables. Example: `query ($v0: ID!, $v1: ID!) { title(id: $v0) { predictedRating(memberId: $v1) } }`.
 */
export function operationTo(
  schema: GraphQLSchema,
  type: GraphQLObjectType,
  field: GraphQLField<unknown, unknown>,
): string | undefined {
  const query = pathFrom(schema.getQueryType(), schema, type)
  const path = query ?? pathFrom(schema.getMutationType(), schema, type)
  if (path === undefined) return undefined
  const keyword = query === undefined ? 'mutation' : 'query'
  const variables: string[] = []
  const selection = [...path, field]
    .map((step) => printStep(step, variables))
    .reduceRight(
      (inner, step) => (inner === '' ? step : `${step} { ${inner} }`),
      leafOf(getNamedType(field.type)),
    )
  return `${keyword}${variables.length === 0 ? '' : ` (${variables.join(', ')})`} { ${selection} }`
}

/** Breadth first over the types, so that the first path found is a shortest one. */
function pathFrom(
  root: GraphQLObjectType | null | undefined,
  schema: GraphQLSchema,
  target: GraphQLObjectType,
): Step[] | undefined {
  if (root === undefined || root === null) return undefined
  const paths = new Map<GraphQLNamedType, Step[]>([[root, []]])
  for (const [type, path] of paths) {
    if (type === target) return path
    for (const possible of isAbstractType(type) ? schema.getPossibleTypes(type) : []) {
      if (!paths.has(possible)) paths.set(possible, [...path, possible])
    }
    if (!isObjectType(type) && !isInterfaceType(type)) continue
    for (const field of Object.values(type.getFields())) {
      const reached = getNamedType(field.type)
      if (!field.name.startsWith('__') && !paths.has(reached)) paths.set(reached, [...path, field])
    }
  }
  return undefined
}

function printStep(step: Step, variables: string[]): string {
  if (isObjectType(step)) return `... on ${step.name}`
  const args = step.args.filter(isRequiredArgument).map((argument) => {
    const name = `$v${variables.length}`
    variables.push(`${name}: ${argument.type}`)
    return `${argument.name}: ${name}`
  })
  return args.length === 0 ? step.name : `${step.name}(${args.join(', ')})`
}

/** A field to select on an object: its first scalar field, so that its owner has to answer. */
function leafOf(type: GraphQLNamedType): string {
  if (!isObjectType(type)) return ''
  const leaf = Object.values(type.getFields()).find(
    (field) => isLeafType(getNamedType(field.type)) && !field.args.some(isRequiredArgument),
  )
  return leaf?.name ?? '__typename'
}
