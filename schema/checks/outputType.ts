import {
  type GraphQLEnumType,
  type GraphQLNamedType,
  type GraphQLObjectType,
  type GraphQLOutputType,
  isEnumType,
  isListType,
  isNonNullType,
  isObjectType,
  Kind,
} from 'graphql'
import { nearMiss } from '../../lib/files/nearMiss'
import { printType } from '../../models/types/parseType'
import type { ValueType } from '../../models/types/valueType'
import { outputFields } from '../fields/outputFields'
import type { Site } from '../fields/site'
import { keysOf } from '../sdl/subgraph'

/** An output and the place of the schema that it fills, for messages. */
export interface OutputPlace {
  /** `output "score" of ABUSE_SCORE` */
  readonly output: string
  /** Empty for the prediction field itself, else such as `Abuse.score `. */
  readonly at: string
}

/**
 * Checks that an output can be the value of a field of this type: the same scalar (an `Int` output also of a `Float`
 * field), an enum that has every label, an entity whose key is its `id`, lists item by item, records field by field.
 * Custom scalars accept no output.
 */
export function checkOutputType(
  site: Site,
  place: OutputPlace,
  output: ValueType,
  type: GraphQLOutputType,
): void {
  const inner = isNonNullType(type) ? type.ofType : type
  if (output.kind === 'list' && isListType(inner)) {
    checkOutputType(site, place, output.of, inner.ofType)
    return
  }
  const named = isListType(inner) ? undefined : (inner as GraphQLNamedType)
  if (output.kind === 'enum' && isEnumType(named)) {
    checkLabels(site, place, output.labels, named)
  } else if (output.kind === 'entity' && isObjectType(named) && named.name === output.of) {
    checkKey(site, named)
  } else if (output.kind === 'record' && isPlainObject(site, named)) {
    checkRecord(site, place, output.fields, named)
  } else if (named === undefined || !scalarFits(output, named.name)) {
    site.refuse(`${place.at}must be ${printType(output)}, as ${place.output} is, got ${type}`)
  }
}

function isPlainObject(site: Site, named: GraphQLNamedType | undefined): named is GraphQLObjectType {
  return isObjectType(named) && keysOf(site.subgraph, named).length === 0
}

function scalarFits(output: ValueType, name: string): boolean {
  if (output.kind === 'Int') return name === 'Int' || name === 'Float'
  if (output.kind === 'enum') return name === 'String'
  return output.kind === name
}

function checkLabels(site: Site, place: OutputPlace, labels: readonly string[], type: GraphQLEnumType): void {
  const missing = labels.filter(
    (label) => type.getValue(label) === undefined || type.getValue(label) === null,
  )
  if (missing.length === 0) return
  site.refuse(
    `${place.at}must be an enum with every label of ${place.output} (${labels.join(', ')}), got ${type.name} without ${missing.join(', ')}`,
  )
}

/** The prediction gives a stub with the id; the subgraphs that have fields of the type complete it. */
function checkKey(site: Site, type: GraphQLObjectType): void {
  const keys = keysOf(site.subgraph, type)
  const byId = keys.some(
    ({ selections: [first, ...more] }) =>
      more.length === 0 && first?.kind === Kind.FIELD && first.name.value === 'id',
  )
  if (byId) return
  site.refuse(
    `${type.name} must be an entity with its id as a key, since a prediction brings no more, got ${keys.length === 0 ? 'no key' : 'other keys'}; write: type ${type.name} @key(fields: "id", resolvable: false)`,
  )
}

function checkRecord(
  site: Site,
  place: OutputPlace,
  fields: Readonly<Record<string, ValueType>>,
  type: GraphQLObjectType,
): void {
  for (const field of outputFields(site, type)) {
    const at = `${type.name}.${field.name} `
    const output = Object.hasOwn(fields, field.name) ? fields[field.name] : undefined
    if (output === undefined) {
      site.refuse(
        `${at}must be a field of ${place.output}, got "${field.name}"${nearMiss(field.name, Object.keys(fields))}`,
      )
    } else {
      checkOutputType(site, { output: `"${field.name}" of ${place.output}`, at }, output, field.type)
    }
  }
}
