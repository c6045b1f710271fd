import fc from 'fast-check'
import { normalize } from '../../../federation/operations/normalize'
import type { ResponseObject } from '../../../gateway/graphql/responseData'
import { compilePlace, Serialization, tooLong } from '../../../gateway/response/compilePlace'
import { compileLongAnswer, type LongWork } from '../../../gateway/response/longAnswer'
import { asked } from '../../federation/operations/asked'

const sdl = `
  interface Pet { id: ID! name: String! friends: [Pet!] }
  type Dog implements Pet { id: ID! name: String! friends: [Pet!] tricks: [String!]! owner: Owner! }
  type Cat implements Pet { id: ID! name: String! friends: [Pet!] lives: Int }
  type Owner { pets: [[Pet]!]! dog: Dog note: String! }
  type Query { pets: [Pet!] owner: Owner! owners: [Owner!]! }`

const text = `{
  __typename
  pets { ...P friends { ...P friends { k: __typename id } } }
  owner { pets { id } again: pets { name id } dog { tricks owner { note } } }
  owners { note other: note dog { friends { id } } }
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
    const serializeLong = compileLongAnswer(root)
    await fc.assert(
      fc.asyncProperty(dataOf(), fc.array(fc.boolean()), async (data, turns) => {
        const serialization = new Serialization()
        const expected = serialize(data, serialization, 0) ?? 'null'
        let asks = 0
        let pauses = 0
        const { pieces, violations } = await serializeLong(data, {
          ...atOnce,
          isTurnOver: () => turns[asks++ % turns.length] === true,
          later: (resume) => {
            pauses++
            setImmediate(resume)
          },
        })
        expect(Buffer.concat(pieces).toString()).toBe(expected)
        expect(violations).toEqual(serialization.violations)
        expect(pauses).toBe(
          Array.from({ length: asks }, (_, n) => turns[n % turns.length]).filter(Boolean).length,
        )
      }),
      { seed: 3, numRuns: 500 },
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

test('what is written at once is given up in a list once there are too many values', () => {
  const serialize = compilePlace(root)
  const data = {
    pets: Array.from({ length: 10 }, (_, n) => cat(n)),
    owner: { pets: [], pets_2: [] },
    owners: [],
  }
  expect(() => serialize(data, new Serialization(20), 0)).toThrow(tooLong)
  expect(serialize(data, new Serialization(200), 0)).toContain('"nick":"cat 9"')
})

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
