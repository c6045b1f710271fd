import { Kind, type SelectionSetNode } from 'graphql'
import type { EntityList, RequiresSelection } from '../queryPlan'
import type { FieldFacts, SubgraphObject } from '../supergraph/subgraphFacts'
import { Answer } from './answer'
import { type FetchCheck, printArguments } from './document'
import { nameOf, Representations, type SentField, type SentFields } from './representation'
import type { Group, Place } from './symbols'
import { followPath, representedAs, type Target } from './targets'

/** Checks what is sent for the entities of each list, and writes what is answered. */
export function checkEntities(lists: readonly EntityList[], root: Place, check: FetchCheck): void {
  const asked = selectionsOf(lists, check)
  for (const list of lists) {
    const selectionSet = asked.get(list.key)
    if (selectionSet === undefined) continue
    for (const path of list.paths) {
      for (const target of followPath(path, root, check)) {
        checkTarget(target, list.requires, selectionSet, check)
      }
    }
  }
}

/** Each list's selection of `_entities`: the document asks for nothing else, with one variable for each. */
function selectionsOf(
  lists: readonly EntityList[],
  { document, report }: FetchCheck,
): ReadonlyMap<string, SelectionSetNode> {
  const asked = new Map<string, SelectionSetNode>()
  for (const selection of document.operation.selectionSet.selections) {
    const field = selection.kind === Kind.FIELD ? selection : undefined
    const list = lists.find(({ key }) => key === (field?.alias ?? field?.name)?.value)
    if (
      field?.name.value !== '_entities' ||
      field.selectionSet === undefined ||
      list === undefined ||
      asked.has(list.key)
    ) {
      return report.stop('An entity fetch asks for something other than its entities')
    }
    if (printArguments(field) !== `representations: $${list.variable}`) {
      report.stop(`An entity fetch does not find its entities by $${list.variable}`)
    }
    asked.set(list.key, field.selectionSet)
  }
  for (const { key } of lists) {
    if (!asked.has(key)) report.stop(`An entity fetch does not ask for ${key}`)
  }
  return asked
}

function checkTarget(
  { place, types }: Target,
  sent: readonly RequiresSelection[],
  selectionSet: SelectionSetNode,
  check: FetchCheck,
): void {
  const { document, supergraph, report } = check
  const representations = new Representations(check)
  /** The fields that are sent for objects of each type. */
  const sentOf = new Map<string, SentFields>()
  const stated = new Set<SentField>()
  const objects: SubgraphObject[] = []
  for (const group of place.groups) {
    for (const type of group.types) {
      report.step()
      if (!types.has(type)) continue
      const name = representedAs(group, type, sent, check)
      if (name === undefined) {
        report.add(`Objects of type ${type} are sent without a __typename`, { path: place.path })
        continue
      }
      const fields = representations.fieldsOf(sent, name)
      if (fields.size === 0) continue
      representations.checkMeanings(fields, group, type, place.path)
      const typename = supergraph.typenameFor(document.subgraph, name)
      if (typename === undefined) {
        const message = `Subgraph ${document.subgraph} is sent a ${name}, which it does not know`
        report.add(message, { path: place.path })
        continue
      }
      checkKey(typename, type, fields, group)
      sentOf.set(type, fields)
      for (const object of supergraph.objects(document.subgraph, typename)) {
        if (object.types.includes(type)) objects.push({ typename: object.typename, types: [type] })
      }
    }
  }
  new Answer(check).write(selectionSet, place, objects, [], checkRequired)
  for (const group of place.narrow(new Set(sentOf.keys()), report)) checkUnstated(group)

  function checkKey(typename: string, type: string, fields: SentFields, group: Group): void {
    const keys = supergraph.keys(document.subgraph, typename).filter(({ isResolvable }) => isResolvable)
    if (keys.length === 0) {
      const message = `Subgraph ${document.subgraph} cannot find a ${typename} by a key`
      report.add(message, { path: place.path })
      return
    }
    let missing: string | undefined
    for (const { selectionSet: key } of keys) {
      missing = representations.missing(key, fields, group, type, stated)
      if (missing === undefined) return
    }
    const message = `The representation of a ${type} for subgraph ${document.subgraph} has no complete key of ${typename}: ${missing}`
    report.add(message, { path: place.path })
  }

  function checkRequired({ requires }: FieldFacts, group: Group, fieldName: string): void {
    if (requires === undefined) return
    for (const type of group.types) {
      const fields = sentOf.get(type)
      const missing = fields && representations.missing(requires, fields, group, type, stated)
      if (fields !== undefined && missing === undefined) continue
      const field = `${type}.${fieldName}`
      const message = `Subgraph ${document.subgraph} is asked for ${field} without what it requires: ${missing ?? 'nothing is sent'}`
      report.add(message, { field, path: place.path })
    }
  }

  function checkUnstated(group: Group): void {
    for (const type of group.types) {
      const unstated = representations.unstated(sentOf.get(type) ?? new Map(), group, stated)
      if (unstated === undefined) continue
      const field = `${type}.${nameOf(unstated)}`
      const message = `${field} is sent for arguments that the operation does not use`
      report.add(message, { field, path: place.path })
    }
  }
}
