import type { NormalOperation } from '../../../federation/operations/normalOperation'
import { defaultAnswerBudget } from '../../../gateway/limits/answerBudget'
import { compileOperation } from '../../../gateway/operations/compileOperation'
import { PresageError } from '../../../lib/errors'
import { asked } from '../../federation/operations/asked'
import { federate, places } from '../federate'

const pets = `interface Pet { name: String } type Dog implements Pet { name: String }
  type Cat implements Pet { name: String } type Query { pets: [Pet] }`

describe('what no plan answers as it is written', () => {
  const compile = (refused: (text: string) => PresageError | undefined) => {
    const texts: string[] = []
    const stepFor = ({ text }: NormalOperation) => {
      texts.push(text)
      const error = refused(text)
      if (error !== undefined) throw error
      return () => undefined
    }
    const act = () =>
      compileOperation(asked(pets, '{ pets { name } }'), { stepFor, budget: defaultAnswerBudget })
    return { texts, act }
  }
  const notSupported = new PresageError('NOT_SUPPORTED', 'no')
  const apart = 'query{pets{__typename ...on Dog{name} ...on Cat{name_2:name}}}'

  test('is written apart, each type by itself', () => {
    const { texts, act } = compile((text) => (text === apart ? undefined : notSupported))
    act()
    expect(texts).toEqual(['query{pets{name}}', apart])
  })

  test('is refused where that does not help', () => {
    expect(compile(() => notSupported).act).toThrow(notSupported)
  })

  test('is not tried again where it was refused for anything else', () => {
    const { texts, act } = compile(() => new PresageError('OPERATION_TOO_LARGE', 'much'))
    expect(act).toThrow('much')
    expect(texts).toHaveLength(1)
  })
})

describe('mutations', () => {
  const calls: string[] = []
  const field = (name: string, answer: () => unknown) => () => {
    calls.push(name)
    return answer()
  }
  const fail = () => {
    throw new Error('no')
  }
  const { query } = federate({
    a: {
      typeDefs: 'type Query { q: Int } type Mutation { may: Int must: Int! }',
      resolvers: { Mutation: { may: field('may', fail), must: field('must', fail) } },
    },
    b: {
      typeDefs: 'type Mutation { later(by: Int): Int }',
      resolvers: {
        Mutation: { later: (_: unknown, { by }: { by: number }) => field(`later ${by}`, () => by)() },
      },
    },
  })
  beforeEach(() => calls.splice(0))

  test('go on after a field that may be null and failed', async () => {
    const answer = await query('mutation { first: later(by: 1) may last: later(by: 2) }')
    expect(calls).toEqual(['later 1', 'may', 'later 2'])
    expect(answer.data).toEqual({ first: 1, may: null, last: 2 })
    expect(places(answer)).toEqual(['may: no'])
  })

  test('end where a field that failed makes the whole answer null', async () => {
    const answer = await query('mutation { first: later(by: 1) must last: later(by: 2) }')
    expect(calls).toEqual(['later 1', 'must'])
    expect(answer.data).toBeNull()
    expect(places(answer)).toEqual(['must: no'])
  })

  test('have their own variables and literals, each of its field', async () => {
    expect(
      (await query('mutation ($n: Int) { a: later(by: $n) b: later(by: 5) c: later(by: $n) }', { n: 7 }))
        .data,
    ).toEqual({
      a: 7,
      b: 5,
      c: 7,
    })
    expect(calls).toEqual(['later 7', 'later 5', 'later 7'])
  })
})
