import {
  type FieldNode,
  isAbstractType,
  isInterfaceType,
  isObjectType,
  Kind,
  type SelectionSetNode,
} from 'graphql'
import type { FieldFacts, SubgraphObject } from '../supergraph/subgraphFacts'
import { type FetchCheck, printArguments } from './document'
import type { Provided } from './provided'
import { type SameField, sameFields, typesOf } from './sameFields'
import { type Group, type Meaning, Place, placesOf } from './symbols'
import { TypenameAnswer } from './typenameAnswer'

/** Checks that a fetch sends what a field requires, for a field of an entity with `@requires`. */
export type CheckRequired = (facts: FieldFacts, group: Group, fieldName: string) => void

/** Writes into the symbolic data what a fetch will answer, and reports what its subgraph must not be asked for. */
export class Answer {
  private readonly typenames: TypenameAnswer

  constructor(private readonly check: FetchCheck) {
    this.typenames = new TypenameAnswer(check)
  }

  /**
   * Writes a selection on `objects`, in the subgraph's types, at the place. Only objects that `_entities` returns
   * directly may be asked for fields with `@requires`; `checkRequired` checks those.
   */
  write(
    selectionSet: SelectionSetNode,
    place: Place,
    objects: readonly SubgraphObject[],
    provided: Provided,
    checkRequired?: CheckRequired,
  ): void {
    for (const selection of selectionSet.selections) {
      this.check.report.step()
      if (selection.kind === Kind.FIELD) {
        this.writeField(selection, place, objects, provided, checkRequired)
        continue
      }
      if (selection.kind !== Kind.INLINE_FRAGMENT) continue
      const condition = selection.typeCondition?.name.value
      const matching =
        condition === undefined
          ? objects
          : objects.filter(({ typename }) => this.isSubtype(typename, condition))
      this.write(selection.selectionSet, place, matching, provided, checkRequired)
    }
  }

  private writeField(
    node: FieldNode,
    place: Place,
    objects: readonly SubgraphObject[],
    provided: Provided,
    checkRequired: CheckRequired | undefined,
  ): void {
    const { document, supergraph, report } = this.check
    const name = node.name.value
    const key = (node.alias ?? node.name).value
    if (name === '__typename') {
      this.typenames.write(key, place, objects)
      return
    }
    if (key === '__typename') {
      report.stop(`The key __typename means the field ${name}`, { path: place.path })
    }
    // Introspection of a subgraph says nothing about the graph.
    if (name.startsWith('__')) return
    for (const alike of sameFields(name, objects, provided, this.check)) {
      for (const { typename } of alike.objects) {
        this.checkAllowed(typename, name, [...place.path, key], alike)
      }
      const meanings: Meaning[] = []
      for (const group of place.narrow(typesOf(alike.objects), report)) {
        if (alike.facts?.requires !== undefined) {
          if (checkRequired !== undefined) checkRequired(alike.facts, group, name)
          else this.refuseNested(alike.objects[0].typename, name, [...place.path, key])
        }
        const meaning = this.mean(group, key, node, alike, place)
        if (meaning !== undefined) meanings.push(meaning)
      }
      if (node.selectionSet === undefined) continue
      const below = supergraph.objects(document.subgraph, alike.type)
      for (const child of placesOf(meanings, report)) {
        this.write(node.selectionSet, child, below, alike.provided)
      }
    }
  }

  private checkAllowed(
    typename: string,
    name: string,
    path: readonly string[],
    { isProvided }: SameField,
  ): void {
    const { document, supergraph, report } = this.check
    const { subgraph } = document
    const facts = supergraph.field(subgraph, typename, name)
    const field = `${typename}.${name}`
    let message: string | undefined
    if (facts === undefined) message = `Subgraph ${subgraph} does not have ${field}`
    else if (isProvided) return
    else if (facts.isElsewhere)
      message = `Subgraph ${subgraph} is asked for ${field}, which another subgraph overrides`
    else if (facts.isExternal) {
      message = `Subgraph ${subgraph} is asked for ${field}, which is external and not provided there`
    }
    if (message !== undefined) report.add(message, { field, path })
  }

  private refuseNested(typename: string, name: string, path: readonly string[]): void {
    const { document, report } = this.check
    const field = `${typename}.${name}`
    const message = `Subgraph ${document.subgraph} is asked for ${field} inside an answer, where it does not have what the field requires`
    report.add(message, { field, path })
  }

  private mean(
    group: Group,
    key: string,
    node: FieldNode,
    { type, isLeaf }: SameField,
    place: Place,
  ): Meaning | undefined {
    const { fetch, report } = this.check
    const name = node.name.value
    const args = printArguments(node)
    const at = { field: `${[...group.types][0]}.${name}`, path: [...place.path, key] }
    const present = group.fields.get(key)
    if (present !== undefined) {
      if (present.name === name && present.args === args) {
        present.fetches.add(fetch)
        return present
      }
      report.add(`The key ${key} means ${show(present)} and ${show({ name, args })}`, at)
      return undefined
    }
    const sentAs = group.sent.get(key)
    if (sentAs !== undefined && sentAs !== name) {
      report.add(`The key ${key} means ${name}, and may be sent to another subgraph as ${sentAs}`, at)
    }
    const meaning: Meaning = {
      name,
      args,
      fetches: new Set([fetch]),
      place: isLeaf ? undefined : this.placeBelow(place, key, [...group.types][0], name, type),
    }
    meaning.place?.ownedBy(meaning)
    group.fields.set(key, meaning)
    return meaning
  }

  private placeBelow(place: Place, key: string, parent: string, field: string, declared: string): Place {
    const { document, supergraph } = this.check
    const { subgraph } = document
    const alternatives = place.alternatives.below(parent, field, supergraph)
    const types = [...typesOf(supergraph.objects(subgraph, declared))]
    const possible = alternatives.possible(types, subgraph, parent, field, supergraph)
    return new Place([...place.path, key], possible, alternatives)
  }

  private isSubtype(typename: string, condition: string): boolean {
    const { schema } = this.check.document
    const object = schema.getType(typename)
    const type = schema.getType(condition)
    if (typename === condition) return true
    if (!isAbstractType(type) || !(isObjectType(object) || isInterfaceType(object))) return false
    return schema.isSubType(type, object)
  }
}

function show({ name, args }: { readonly name: string; readonly args: string }): string {
  return args === '' ? name : `${name}(${args})`
}
