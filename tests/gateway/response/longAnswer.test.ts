import fc from 'fast-check'
import { normalize } from '../../../federation/operations/normalize'
import type { ResponseObject } from '../../../gateway/graphql/responseData'
import { compilePlace, Serialization, tooLong } from '../../../gateway/response/compilePlace'
import { compileLongAnswer, type LongWork, type Part } from '../../../gateway/response/longAnswer'
import { asked } from '../../federation/operations/asked'

const sdl = `
  scalar JSON
  enum Size { SMALL BIG }
  interface Pet { id: ID! name: String! friends: [Pet!] }
  type Dog implements Pet { id: ID! name: String! friends: [Pet!] tricks: [String!]! owner: Owner! }
  type Cat implements Pet { id: ID! name: String! friends: [Pet!] lives: Int }
  type Owner {
    pets: [[Pet]!]! dog: Dog note: String!
    tags: [String] marks: [Float]! flags: [Boolean!] ids: [ID!]! grid: [[Int!]] any: [JSON] some: [JSON!] sizes: [[Size]!]
  }
  type Query { pets: [Pet!] owner: Owner! owners: [Owner!]! }`

const text = `{
  __typename
  pets { ...P friends { ...P friends { k: __typename id } } }
  owner { pets { id } again: pets { name id } dog { tricks owner { note } } }
  owners { note other: note dog { friends { id } } tags marks flags ids grid any some sizes }
}
fragment P on Pet { id nick: name ... on Dog { tricks owner { note pets { name } } } ... on Cat { lives } }`

const { root } = normalize(asked(sdl, text), 'compact')

const atOnce: LongWork = {
  isTurnOver: () => false,
  later: () => {},
  checkSize() {},
  checkWanted() {},
}

describe('an answer that is written in parts', () => {
  test('is the same as one that is written at once, nulls and why they are not allowed included', async () => {
    const serialize = compilePlace(root)
    await fc.assert(
      fc.asyncProperty(dataOf(), fc.array(fc.boolean()), partOf(), async (data, turns, part) => {
        const serializeLong = compileLongAnswer(root, part)
        const serialization = new Serialization()
        const expected = serialize(data, serialization, 0) ?? 'null'
        let asks = 0
        let pauses = 0
        let counted = 0
        const { pieces, violations } = await serializeLong(data, {
          ...atOnce,
          isTurnOver: () => turns[asks++ % turns.length] === true,
          later: (resume) => {
            pauses++
            setImmediate(resume)
          },
          checkSize: (values) => {
            counted = values
          },
        })
        expect(Buffer.concat(pieces).toString()).toBe(expected)
        expect(violations).toEqual(serialization.violations)
        if (expected !== 'null') expect(counted).toBe(serialization.values)
        expect(pauses).toBe(
          Array.from({ length: asks }, (_, n) => turns[n % turns.length]).filter(Boolean).length,
        )
      }),
      { seed: 3, numRuns: 200 },
    )
  })

  test('counts the values that one written at once counts, and tells of them list by list', async () => {
    const data = { pets: [cat(1), cat(2)], owner: { pets: [[cat(3)], []], pets_2: [] }, owners: [] }
    const serialization = new Serialization()
    compilePlace(root)(data, serialization, 0)
    let last = { values: 0, where: '' }
    await compileLongAnswer(root)(data, {
      ...atOnce,
      checkSize: (values, _bytes, where) => {
        last = { values, where }
      },
    })
    expect(last).toEqual({ values: serialization.values, where: 'Query.owners' })
  })

  test('ends with what a check throws, before or after a pause', async () => {
    const data = { pets: [cat(1)], owner: { pets: [], pets_2: [] }, owners: [] }
    const no = new Error('no')
    const refuse = () => {
      throw no
    }
    const serializeLong = compileLongAnswer(root)
    await expect(serializeLong(data, { ...atOnce, checkSize: refuse })).rejects.toBe(no)
    let isWanted = true
    const gone = serializeLong(data, {
      ...atOnce,
      isTurnOver: () => true,
      later: (resume) => {
        isWanted = false
        setImmediate(resume)
      },
      checkWanted: () => {
        if (!isWanted) refuse()
      },
    })
    await expect(gone).rejects.toBe(no)
  })
})

describe('a long list of scalars', () => {
  /** Those that contain lists, and the list of owners. However short they are, each may be followed by a pause. */
  const fields = 3 + 9 + 1

  test.each([
    ['texts', { tags: Array(2000).fill('x') }],
    ['texts, some of which are null', { tags: ['x', null, ...Array(2000).fill('x'), null] }],
    ['long texts', { tags: Array(40).fill('"'.repeat(10_000)) }],
    ['numbers', { marks: Array.from({ length: 2000 }, (_, n) => n / 3) }],
    ['values of a custom scalar', { any: Array(2000).fill({ a: 'x' }) }],
    ['lists', { grid: Array(100).fill(Array(30).fill(7)) }],
    ['long lists', { grid: [Array(2000).fill(7)] }],
    ['enum values', { sizes: [Array(2000).fill('BIG')] }],
  ])('of %s is written in parts', async (_, lists) => {
    const data = {
      pets: null,
      owner: { pets: [], pets_2: [] },
      owners: [{ note: 'x', marks: [], ids: [], ...lists }],
    }
    let pauses = 0
    const { pieces } = await compileLongAnswer(root)(data, {
      ...atOnce,
      isTurnOver: () => true,
      later: (resume) => {
        pauses++
        setImmediate(resume)
      },
    })
    expect(Buffer.concat(pieces).toString()).toBe(compilePlace(root)(data, new Serialization(), 0))
    expect(pauses).toBeGreaterThan(fields + 3)
  })
})

test('a value of a custom scalar that cannot be written is null in its list', () => {
  // As Node before 26 does where a value nests too deep.
  const deep = {
    toJSON() {
      throw new RangeError('Maximum call stack size exceeded')
    },
  }
  const owners = [{ note: 'x', marks: [], ids: [], any: [1, deep, null] }]
  const serialization = new Serialization()
  const text = compilePlace(root)({ pets: null, owner: { pets: [], pets_2: [] }, owners }, serialization, 0)
  expect(text).toContain('"any":[1,null,null]')
  expect(serialization.violations.map(({ path }) => path)).toEqual([['owners', 0, 'any', 1]])
})

test('what is written at once is given up in a list once there are too many values', () => {
  const serialize = compilePlace(root)
  const data = {
    pets: Array.from({ length: 10 }, (_, n) => cat(n)),
    owner: { pets: [], pets_2: [] },
    owners: [],
  }
  expect(() => serialize(data, new Serialization(20), 0)).toThrow(tooLong)
  expect(serialize(data, new Serialization(200), 0)).toContain('"nick":"cat 9"')
  expect(() => serialize(data, new Serialization(200, 100), 0)).toThrow(tooLong)
  const tags = Array(3).fill('a long text')
  const lists = {
    pets: [],
    owner: { pets: [], pets_2: [] },
    owners: [{ note: 'x', tags, marks: [], ids: [] }],
  }
  expect(() => serialize(lists, new Serialization(200, 30), 0)).toThrow(tooLong)
  expect(serialize(lists, new Serialization(200, 2000), 0)).toContain('a long text')
})

/** Small ones, so that anything may be too long for one. */
function partOf(): fc.Arbitrary<Part> {
  return fc.record({ values: fc.integer({ min: 1, max: 30 }), characters: fc.integer({ min: 1, max: 200 }) })
}

function cat(id: number) {
  return { __typename: 'Cat', id, name: `cat ${id}`, lives: 9, friends: null }
}

/** Data as subgraphs might have answered it: anything may be null or missing, or of another shape than its type. */
function dataOf(): fc.Arbitrary<ResponseObject> {
  const seldomNull = <T>(value: fc.Arbitrary<T>) =>
    fc.oneof(
      { weight: 24, arbitrary: value },
      { weight: 2, arbitrary: fc.constant(null) },
      {
        weight: 1,
        arbitrary: fc.constantFrom('x', true, [[]], { note: 7 }) as fc.Arbitrary<unknown> as fc.Arbitrary<T>,
      },
    )
  const lists = (item: fc.Arbitrary<unknown>) =>
    seldomNull(fc.array(seldomNull(fc.array(item, { maxLength: 2, depthIdentifier: 'd' })), { maxLength: 2 }))
  const scalars = (item: fc.Arbitrary<unknown>) =>
    fc.oneof(
      { weight: 4, arbitrary: fc.array(item, { maxLength: 9 }) },
      { weight: 1, arbitrary: seldomNull(fc.array(seldomNull(item), { maxLength: 9 })) },
    )
  const { data } = fc.letrec<{
    pet: ResponseObject | null
    owner: ResponseObject | null
    data: ResponseObject
  }>((tie) => ({
    pet: seldomNull(
      fc.record({
        __typename: fc.constantFrom('Dog', 'Cat'),
        id: seldomNull(fc.nat()),
        name: seldomNull(fc.constantFrom('x', '"quoted"', 'é', 'a long name '.repeat(20))),
        friends: fc.option(fc.array(tie('pet'), { maxLength: 3, depthIdentifier: 'd' })),
        tricks: seldomNull(fc.array(fc.string(), { maxLength: 2 })),
        lives: fc.option(fc.nat()),
        owner: fc.option(tie('owner'), { depthIdentifier: 'd' }),
      }),
    ) as fc.Arbitrary<ResponseObject | null>,
    owner: seldomNull(
      fc.record({
        pets: lists(tie('pet')),
        pets_2: lists(tie('pet')),
        dog: fc.option(tie('pet'), { depthIdentifier: 'd' }),
        note: seldomNull(fc.string()),
        tags: scalars(fc.constantFrom('x', '"quoted"', 'é', '\ud800', 'a long text '.repeat(9))),
        marks: scalars(fc.double({ noNaN: true, noDefaultInfinity: true })),
        flags: scalars(fc.boolean()),
        ids: scalars(fc.oneof(fc.string(), fc.nat())),
        grid: scalars(scalars(fc.integer())),
        any: scalars(fc.jsonValue()),
        some: scalars(fc.jsonValue()),
        sizes: scalars(scalars(fc.constantFrom('SMALL', 'BIG', 'HUGE'))),
      }),
    ) as fc.Arbitrary<ResponseObject | null>,
    data: fc.record({
      pets: fc.option(fc.array(tie('pet'), { maxLength: 4 })),
      owner: tie('owner'),
      owners: fc.array(tie('owner'), { maxLength: 3 }),
    }) as fc.Arbitrary<ResponseObject>,
  }))
  return data
}

test('whether there are lists below places that several types share, level by level, is asked once for each', async () => {
  const nodes = `type Query { nodes: [Node!] } interface Node { id: ID next: Node }
    type Odd implements Node { id: ID next: Node } type Even implements Node { id: ID next: Node }
    type Zero implements Node { id: ID next: Node }`
  const nested = `${'next { '.repeat(30)}id${' }'.repeat(30)}`
  const { root } = normalize(asked(nodes, `{ nodes { ${nested} } }`), 'compact')
  const { pieces } = await compileLongAnswer(root)({ nodes: [{ next: null }] }, atOnce)
  expect(Buffer.concat(pieces).toString()).toBe('{"nodes":[{"next":null}]}')
})
