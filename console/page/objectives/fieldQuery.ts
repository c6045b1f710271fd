import type {
  IntrospectionField,
  IntrospectionInputValue,
  IntrospectionSchema,
  IntrospectionType,
  IntrospectionTypeRef,
} from 'graphql'
import { fieldsOf, isRequired, isWrapped, nameOf } from './introspection'

type Types = ReadonlyMap<string, IntrospectionType>

/** A query by the shortest way to a field, with a value for each argument that must have one; undefined if none. */
export function fieldQuery(graph: IntrospectionSchema, coordinate: string): string | undefined {
  const types = new Map(graph.types.map((type) => [type.name, type]))
  const [parent, name] = coordinate.split('.')
  const field = fieldsOf(types.get(parent)).find((one) => one.name === name)
  const way = wayTo(graph.queryType.name, parent, types)
  if (field === undefined || way === undefined) return undefined
  const lines = [...way.map((step) => callOf(step, types)), callOf(field, types)]
  const leaf = leavesOf(types.get(nameOf(field.type)))
  const inner = leaf === undefined ? '' : ` { ${leaf} }`
  const open = lines.map(
    (line, depth) => `${'  '.repeat(depth + 1)}${line}${depth === lines.length - 1 ? inner : ' {'}`,
  )
  const close = lines.slice(1).map((_, at) => `${'  '.repeat(lines.length - 1 - at)}}`)
  return ['{', ...open, ...close, '}'].join('\n')
}

/** The fields from the root type to a type: as few as possible. */
function wayTo(root: string, target: string, types: Types): readonly IntrospectionField[] | undefined {
  const ways = new Map<string, readonly IntrospectionField[]>([[root, []]])
  for (const [name, way] of ways) {
    if (name === target) return way
    // Fewer required arguments first, since their values are made up.
    const fields = [...fieldsOf(types.get(name))].sort((one, other) => needs(one) - needs(other))
    for (const field of fields) {
      const next = nameOf(field.type)
      if (!ways.has(next) && types.get(next)?.kind === 'OBJECT') ways.set(next, [...way, field])
    }
  }
  return undefined
}

function needs({ args }: IntrospectionField): number {
  return args.filter(isRequired).length
}

function callOf({ name, args }: IntrospectionField, types: Types): string {
  const given = args.filter((arg) => isRequired(arg) || arg.name === 'first')
  if (given.length === 0) return name
  return `${name}(${given.map((arg) => `${arg.name}: ${sampleOf(arg, types)}`).join(', ')})`
}

function sampleOf({ name, type }: IntrospectionInputValue, types: Types): string {
  return name === 'first' && nameOf(type) === 'Int' ? '3' : sample(type, types)
}

/** Some value of a type, to be replaced by the reader. */
function sample(ref: IntrospectionTypeRef, types: Types): string {
  if (ref.kind === 'NON_NULL') return sample(ref.ofType, types)
  if (ref.kind === 'LIST') return `[${sample(ref.ofType, types)}]`
  const type = types.get(nameOf(ref))
  if (type?.kind === 'ENUM') return type.enumValues[0].name
  if (type?.kind === 'INPUT_OBJECT') {
    const fields = type.inputFields.filter(isRequired)
    return `{ ${fields.map((field) => `${field.name}: ${sample(field.type, types)}`).join(', ')} }`
  }
  return samples[nameOf(ref)] ?? '"text"'
}

const samples: Readonly<Record<string, string>> = { Int: '1', Float: '1', Boolean: 'false', ID: '"1"' }

/** The plain fields of a type, for a selection; undefined for a type that has none. */
function leavesOf(type: IntrospectionType | undefined): string | undefined {
  if (type?.kind !== 'OBJECT') return undefined
  const plain = type.fields.filter((field) => needs(field) === 0 && isPlain(field.type))
  return plain.length === 0 ? '__typename' : plain.map(({ name }) => name).join(' ')
}

function isPlain(ref: IntrospectionTypeRef): boolean {
  return isWrapped(ref) ? isPlain(ref.ofType) : ref.kind === 'SCALAR' || ref.kind === 'ENUM'
}
