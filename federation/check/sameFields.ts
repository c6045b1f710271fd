import { getNamedType, isCompositeType, isInterfaceType, isObjectType } from 'graphql'
import type { FieldFacts, SubgraphObject } from '../supergraph/subgraphFacts'
import type { FetchCheck } from './document'
import { type Provided, providedIn } from './provided'

/** Objects for which a field has one meaning. */
export interface SameField {
  readonly type: string
  readonly isLeaf: boolean
  readonly facts: FieldFacts | undefined
  readonly isProvided: boolean
  readonly provided: Provided
  readonly objects: SubgraphObject[]
}

/** Groups the objects by what the field means for them: its type, what it requires, and what is provided below it. */
export function sameFields(
  name: string,
  objects: readonly SubgraphObject[],
  provided: Provided,
  { document: { subgraph, schema }, supergraph, report }: FetchCheck,
): readonly SameField[] {
  const alike: SameField[] = []
  for (const object of objects) {
    report.step()
    const definition = schema.getType(object.typename)
    const hasFields = isObjectType(definition) || isInterfaceType(definition)
    const field = hasFields ? definition.getFields()[name] : undefined
    if (field === undefined) continue
    const facts = supergraph.field(subgraph, object.typename, name)
    const type = getNamedType(field.type)
    const above = providedIn(provided, object.typename, name, supergraph)
    const below = facts?.provides === undefined ? above.below : [...above.below, facts.provides]
    const known = alike.find(
      (one) =>
        one.type === type.name &&
        one.facts?.requires === facts?.requires &&
        one.isProvided === above.isProvided &&
        isSame(one.provided, below),
    )
    if (known !== undefined) known.objects.push(object)
    else {
      alike.push({
        type: type.name,
        isLeaf: !isCompositeType(type),
        facts,
        isProvided: above.isProvided,
        provided: below,
        objects: [object],
      })
    }
  }
  return alike
}

export function typesOf(objects: readonly SubgraphObject[]): ReadonlySet<string> {
  return new Set(objects.flatMap(({ types }) => types))
}

function isSame(a: Provided, b: Provided): boolean {
  return a.length === b.length && a.every((selectionSet, i) => selectionSet === b[i])
}
