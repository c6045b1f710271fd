import { type Dice, dice } from '../../generate/dice'

/** What a graph by chance consists of. */
export interface Drawing {
  readonly seed: number
  readonly subgraphs: readonly string[]
  readonly entities: readonly Entity[]
  /** The types of the interface `I`. */
  readonly members: readonly Entity[]
  /** The subgraphs that have `I` with all its types. */
  readonly interfacePlaces: readonly string[]
  /** The subgraphs that have `V`, which has no key. */
  readonly valuePlaces: ReadonlySet<string>
  readonly roots: readonly Root[]
}

export interface Entity {
  readonly name: string
  /** By subgraph. */
  readonly keysIn: ReadonlyMap<string, readonly string[]>
  readonly fields: Field[]
}

/** A field of an entity. */
export interface Field {
  readonly name: string
  /** The type of the objects; undefined for a scalar. */
  readonly of: string | undefined
  readonly isList: boolean
  readonly args: string
  /** The subgraphs that have it. */
  readonly owners: readonly string[]
  readonly requires?: Requirement
}

export interface Requirement {
  readonly text: string
  /** What its subgraph declares as external for it. */
  readonly external: readonly External[]
}

export interface External {
  readonly type: string
  readonly field: Field
}

export interface Root {
  readonly subgraph: string
  readonly name: string
  readonly type: string
  readonly of: string
}

export function draw(seed: number): Drawing {
  const chance = dice(seed + 0x9e3779)
  const subgraphs = ['a', 'b', 'c', 'd'].slice(0, 2 + chance.below(3))
  const entities = ['E', 'F', 'G'].slice(0, 2 + chance.below(2)).map((name): Entity => {
    const [main, ...others] = some(subgraphs, 2, chance)
    const keysIn = new Map([[main, ['id', 'code']]])
    for (const place of others) keysIn.set(place, [chance.pick(['id', 'id', 'code'])])
    return { name, keysIn, fields: [] }
  })
  const members = entities.slice(0, 2)
  const interfacePlaces = subgraphs.filter((place) =>
    members.every(({ keysIn }) => keysIn.get(place)?.includes('id')),
  )
  const drawing = { seed, subgraphs, entities, members, interfacePlaces, valuePlaces: new Set<string>() }
  for (let number = 0; number < 7 * entities.length; number++) {
    const entity = entities[number % entities.length]
    entity.fields.push(drawField(`f${number}`, entity, drawing, chance))
  }
  const roots = entities.flatMap(({ name, keysIn }) =>
    some([...keysIn.keys()], 1, chance).map((subgraph): Root => {
      const type = chance.pick([name, `[${name}]`, `[${name}!]!`])
      return { subgraph, name: `${subgraph}${name}`, type, of: name }
    }),
  )
  const more = interfacePlaces.map((subgraph): Root => {
    return { subgraph, name: `${subgraph}I`, type: '[I]', of: 'I' }
  })
  return { ...drawing, roots: [...roots, ...more] }
}

interface Unfinished extends Omit<Drawing, 'roots'> {
  readonly valuePlaces: Set<string>
}

/**
 * No field is non-null: where one fails below an object that another field requires, that field gets null for the object and is not what
 * it is in the whole graph.
 */
function drawField(name: string, entity: Entity, drawing: Unfinished, chance: Dice): Field {
  const places = [...entity.keysIn.keys()]
  const owner = chance.pick(places)
  const requires = chance.chance(0.45) ? drawRequirement(entity, owner, drawing, chance) : undefined
  if (requires !== undefined)
    return { name, of: undefined, isList: false, args: '', owners: [owner], requires }
  const known = drawing.entities.filter(({ keysIn }) => keysIn.has(owner)).map((it) => it.name)
  if (drawing.interfacePlaces.includes(owner)) known.push('I')
  const of = chance.pick([undefined, undefined, 'V', chance.pick(known)])
  const isShared = of === undefined || of === 'V'
  const owners = [owner, ...places.filter((it) => isShared && it !== owner && chance.chance(0.25))]
  if (of === 'V') for (const place of owners) drawing.valuePlaces.add(place)
  const args = of === undefined && chance.chance(0.3) ? '(x: Int = 1)' : ''
  return { name, of, isList: of !== undefined && chance.chance(0.4), args, owners }
}

/** Up to two fields that the subgraph does not have. */
function drawRequirement(
  entity: Entity,
  owner: string,
  drawing: Unfinished,
  chance: Dice,
): Requirement | undefined {
  const foreign = entity.fields.filter(({ owners }) => !owners.includes(owner))
  if (foreign.length === 0) return undefined
  const fields = new Set([chance.pick(foreign), chance.pick(foreign)])
  const parts = [...fields].flatMap((field): Requirement[] => {
    const below = field.of === undefined ? '' : drawBelow(field.of, owner, drawing, chance)
    if (below === undefined) return []
    const external = { type: entity.name, field }
    if (below === '') return [{ text: field.name, external: [external] }]
    return [{ text: `${field.name} { ${below.text} }`, external: [external, ...below.external] }]
  })
  if (parts.length === 0) return undefined
  return {
    text: parts.map(({ text }) => text).join(' '),
    external: parts.flatMap(({ external }) => external),
  }
}

/** What is required below a field; undefined where the subgraph does not know the type. */
function drawBelow(of: string, owner: string, drawing: Unfinished, chance: Dice): Requirement | undefined {
  const plain = (text: string): Requirement => ({ text, external: [] })
  if (of === 'V') {
    drawing.valuePlaces.add(owner)
    return plain(chance.pick(['x', 'y', 'x y']))
  }
  if (of === 'I') {
    if (!drawing.interfacePlaces.includes(owner)) return undefined
    const [one, other] = drawing.members
    return plain(chance.pick(['id', `... on ${one.name} { id }`, `id ... on ${other.name} { id }`]))
  }
  const entity = drawing.entities.find(({ name }) => name === of)
  const [key] = entity?.keysIn.get(owner) ?? []
  if (entity === undefined || key === undefined) return undefined
  const leaves = entity.fields.filter(
    (it) => it.of === undefined && !it.requires && !it.owners.includes(owner),
  )
  if (leaves.length === 0 || chance.chance(0.4)) return plain(key)
  const field = chance.pick(leaves)
  return { text: field.name, external: [{ type: of, field }] }
}

/** Some of the items, but so many at least. */
function some(items: readonly string[], least: number, chance: Dice): string[] {
  const picked = items.filter(() => chance.chance(0.5))
  while (picked.length < least) {
    const one = chance.pick(items)
    if (!picked.includes(one)) picked.push(one)
  }
  return picked
}
