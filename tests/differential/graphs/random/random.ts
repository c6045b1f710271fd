import type { GraphSource, Resolve, Thing, Values } from '../graph'
import { lookup, part, show } from '../things'
import { type Drawing, draw, type Entity, type Field } from './draw'

/**
 * A graph made by chance: entities with one or two keys in some of the subgraphs, shared and provided fields, values without keys, an
 * interface, and fields that require fields of other subgraphs, also below others and of some types of the interface.
 */
export function randomGraph(seed: number): GraphSource {
  const drawing = draw(seed)
  const things = drawing.entities.flatMap(({ name }, i) =>
    [0, 1, 2].map((n): Thing => {
      return { __typename: name, key: `${name}${n}`, id: `${name}${n}`, code: i * 10 + n }
    }),
  )
  return {
    name: `random:${seed}`,
    whole: wholeSdl(drawing),
    subgraphs: Object.fromEntries(drawing.subgraphs.map((name) => [name, subgraphSdl(name, drawing)])),
    things,
    fields: resolvers(drawing, things),
    scalars: {},
    literals: {},
    variableValues: {},
    samples: {},
  }
}

function wholeSdl({ entities, members, interfacePlaces, valuePlaces, roots }: Drawing): string {
  const types = entities.map((entity) => {
    const isImplementing = members.includes(entity) && interfacePlaces.length > 0
    return `type ${entity.name}${isImplementing ? ' implements I' : ''} {
      id: ID! code: Int! ${entity.fields.map(definition).join(' ')} }`
  })
  return `type Query { ${roots.map(({ name, type }) => `${name}: ${type}`).join(' ')} }
    ${interfacePlaces.length > 0 ? 'interface I { id: ID! }' : ''}
    ${valuePlaces.size > 0 ? 'type V { x: String y: Int }' : ''}
    ${types.join('\n    ')}`
}

function subgraphSdl(subgraph: string, drawing: Drawing): string {
  const { entities, interfacePlaces, valuePlaces, roots } = drawing
  const hasInterface = interfacePlaces.includes(subgraph)
  const queries = roots.filter((root) => root.subgraph === subgraph)
  return `
    ${queries.length > 0 ? `type Query { ${queries.map(({ name, type }) => `${name}: ${type}`).join(' ')} }` : ''}
    ${hasInterface ? 'interface I { id: ID! }' : ''}
    ${valuePlaces.has(subgraph) ? 'type V @shareable { x: String y: Int }' : ''}
    ${entities.map((entity) => entitySdl(entity, subgraph, drawing)).join('')}`
}

function entitySdl(entity: Entity, subgraph: string, drawing: Drawing): string {
  const keys = entity.keysIn.get(subgraph)
  if (keys === undefined) return ''
  const isImplementing = drawing.members.includes(entity) && drawing.interfacePlaces.includes(subgraph)
  const fields = [
    ...keys.map((key) => `${key}: ${key === 'id' ? 'ID' : 'Int'}!`),
    ...entity.fields.flatMap((field) => {
      if (!field.owners.includes(subgraph)) return []
      const provided = externals(subgraph, field.of, drawing).find(
        ({ of, args, requires }) => (of === undefined || of === 'V') && args === '' && !requires,
      )
      return [
        definition(field),
        field.owners.length > 1 ? '@shareable' : '',
        provided ? `@provides(fields: "${provided.name}${provided.of === 'V' ? ' { x }' : ''}")` : '',
        field.requires ? `@requires(fields: "${field.requires.text}")` : '',
      ]
    }),
    ...externals(subgraph, entity.name, drawing).map((field) => `${definition(field)} @external`),
  ]
  return `type ${entity.name}${isImplementing ? ' implements I' : ''} ${keys.map((key) => `@key(fields: "${key}")`).join(' ')} {
      ${fields.join(' ')} }
    `
}

/** The fields that the subgraph has of the type only because others of its fields require them. */
function externals(subgraph: string, type: string | undefined, { entities }: Drawing): readonly Field[] {
  const required = entities
    .flatMap(({ fields }) => fields)
    .filter(({ owners }) => owners.includes(subgraph))
    .flatMap(({ requires }) => requires?.external ?? [])
    .filter((one) => one.type === type && !one.field.owners.includes(subgraph))
  return [...new Set(required.map(({ field }) => field))]
}

function definition({ name, args, of = 'String', isList }: Field): string {
  return `${name}${args}: ${isList ? `[${of}]` : of}`
}

function resolvers(
  { seed, entities, members, roots }: Drawing,
  things: readonly Thing[],
): GraphSource['fields'] {
  const { one } = lookup(things)
  const objectsOf = (type: string) =>
    things.filter(({ __typename }) =>
      type === 'I' ? members.some(({ name }) => name === __typename) : type === __typename,
    )
  /** A number that is the same for the same field and thing. */
  const numberOf = (field: string, { key }: Thing) =>
    [...`${field}${key}`].reduce((sum, character) => (sum * 31 + character.charCodeAt(0)) % 9973, seed)

  function resolver({ name, of, isList, requires }: Field): Resolve {
    if (requires !== undefined) return (thing, _, __, given) => `${name} of ${thing.key} by ${show(given)}`
    if (of === undefined) {
      return (thing, args) =>
        numberOf(name, thing) % 5 === 0 ? null : `${name} of ${thing.key} ${show(args)}`
    }
    const item = (thing: Thing, n: number): Values | null => {
      const number = numberOf(name, thing) + n
      if (of === 'V') return part('V', thing, `${name}${n}`, { x: n % 2 === 0 ? null : `x${n}`, y: number })
      const all = objectsOf(of)
      return one(all[number % all.length].key)
    }
    return (thing) => {
      const number = numberOf(name, thing) % 4
      if (number === 0) return null
      if (!isList) return item(thing, number)
      return Array.from({ length: number }, (_, n) => (n === 1 ? null : item(thing, n)))
    }
  }

  const query = roots.map(({ name, type, of }): [string, Resolve] => {
    const [first, ...others] = objectsOf(of)
    if (!type.startsWith('[')) return [name, () => first]
    return [name, () => (type.endsWith('!]!') ? [first, ...others] : [first, null, ...others])]
  })
  const types = entities.map(({ name, fields }) => [
    name,
    Object.fromEntries(fields.map((field) => [field.name, resolver(field)])),
  ])
  return { Query: Object.fromEntries(query), ...Object.fromEntries(types) }
}
