import {
  type FieldNode,
  type GraphQLField,
  type GraphQLNamedType,
  getNamedType,
  isInterfaceType,
  isObjectType,
  Kind,
  print,
  type SelectionNode,
  type SelectionSetNode,
} from 'graphql'
import { nearMiss } from '../../lib/files/nearMiss'
import { groupBy } from '../../lib/groups'
import { externalLine, fieldOwner } from '../fields/fieldOwner'
import type { Site } from '../fields/site'
import { parseFieldSet } from '../sdl/fieldSet'
import { isExternal, isKeyField, requiresOf } from '../sdl/subgraph'

/**
 * A prediction field may require only fields that its subgraph declares and another one owns (`@external`), and none of
 * them twice with different arguments, since a representation holds one value per field.
 */
export function checkRequires(site: Site): void {
  const text = requiresOf(site.subgraph, site.field)
  if (text === undefined) return
  const fieldSet = parseFieldSet(text)
  if (fieldSet === undefined) {
    site.refuse(`@requires must hold a field set such as "genres year", got "${text}"`)
    return
  }
  checkFields(site, fieldSet, site.type, false)
  checkArguments(site, [fieldSet])
}

function checkFields(site: Site, fieldSet: SelectionSetNode, type: GraphQLNamedType, above: boolean): void {
  for (const selection of fieldSet.selections) {
    if (selection.kind === Kind.INLINE_FRAGMENT) {
      const condition = selection.typeCondition?.name.value
      const inner = condition === undefined ? type : site.subgraph.schema.getType(condition)
      if (inner !== undefined) checkFields(site, selection.selectionSet, inner, above)
    } else if (selection.kind === Kind.FIELD) {
      checkField(site, selection, type, above)
    }
  }
}

function checkField(site: Site, node: FieldNode, type: GraphQLNamedType, above: boolean): void {
  const name = node.name.value
  const fields = isObjectType(type) || isInterfaceType(type) ? type.getFields() : undefined
  const field: GraphQLField<unknown, unknown> | undefined = fields?.[name]
  const owner = fieldOwner(site, type.name, name)
  if (field === undefined) {
    const help =
      owner === undefined
        ? nearMiss(name, Object.keys(fields ?? {}))
        : `; write ${externalLine(site, type.name, owner.field)}`
    site.refuse(
      `@requires must name fields that ${type.name} declares in this subgraph, got "${name}"${help}`,
    )
    return
  }
  const owned = !above && !isExternal(site.subgraph, type, field)
  if (node.selectionSet !== undefined) {
    checkFields(site, node.selectionSet, getNamedType(field.type), !owned)
  } else if (owned) {
    const known = owner === undefined || isKeyField(site.subgraph, type, name)
    const help = known
      ? `remove "${name}", which is available without it`
      : `write ${externalLine(site, type.name, owner.field)}`
    const external = site.subgraph.federation.directive('external')
    site.refuse(`@requires must name @${external} fields, got ${type.name}.${name} without; ${help}`)
  }
}

function checkArguments(site: Site, fieldSets: readonly SelectionSetNode[]): void {
  const all = fieldSets.flatMap((fieldSet) => fieldsOf(fieldSet.selections))
  for (const [name, fields] of groupBy(all, (field) => field.name.value)) {
    const ways = new Set(fields.map(withSortedArguments))
    if (ways.size > 1) {
      site.refuse(`@requires must name ${name} with one set of arguments, got ${[...ways].join(' and ')}`)
    }
    checkArguments(
      site,
      fields.flatMap((field) => field.selectionSet ?? []),
    )
  }
}

function fieldsOf(selections: readonly SelectionNode[]): FieldNode[] {
  return selections.flatMap((selection) => {
    if (selection.kind === Kind.FIELD) return [selection]
    return selection.kind === Kind.INLINE_FRAGMENT ? fieldsOf(selection.selectionSet.selections) : []
  })
}

function withSortedArguments(field: FieldNode): string {
  const args = (field.arguments ?? []).map((argument) => print(argument)).sort()
  return args.length === 0 ? field.name.value : `${field.name.value}(${args.join(', ')})`
}
