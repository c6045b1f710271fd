import { buildSchema, type ExecutionResult, execute, parse } from 'graphql'
import { compileLocalOperation, errorsOf } from '../../../gateway/local/localExecutor'
import { PresageError } from '../../../lib/errors'
import { type AnswerWork, unboundedWork } from '../../../lib/execution/answerWork'
import { type ColumnCall, withColumns } from '../../../lib/execution/columnField'

const schema = buildSchema(`
  type Query { rows(count: Int!): [Row] strict(count: Int!): [Row!] numbers(count: Int!): [Int!] }
  type Row { id: Int! cells(count: Int!): [Cell] must(count: Int!): [Cell!]! later(count: Int!): [Cell] numbers: [[Int]] }
  type Cell { id: Int! odd: Int! name: String rows: [Row!] }`)

const upTo = (count: number) => Array.from({ length: count }, (_, id) => ({ id }))
const fail = (id: number) => {
  throw new Error(`no ${id}`)
}

function resolveWith(
  type: string,
  resolvers: Record<string, (source: { id: number }, args: { count: number }) => unknown>,
) {
  const fields = (schema.getType(type) as ReturnType<typeof schema.getQueryType>)!.getFields()
  for (const [name, resolve] of Object.entries(resolvers)) fields[name].resolve = resolve as never
}

resolveWith('Query', {
  rows: (_, { count }) =>
    upTo(count).map((row) => (row.id % 7 === 3 ? null : row.id % 5 === 1 ? Promise.resolve(row) : row)),
  strict: (_, { count }) => upTo(count),
  numbers: (_, { count }) => Array.from({ length: count }, (_, n) => n),
})
resolveWith('Row', {
  cells: (_, { count }) => upTo(count),
  must: ({ id }, { count }) => (id % 11 === 5 ? [...upTo(count), Promise.resolve(null)] : upTo(count)),
  later: async ({ id }, { count }) => (id % 6 === 2 ? fail(id) : upTo(count)),
  numbers: ({ id }) => [[id], null, [1, null, 3]],
})
resolveWith('Cell', {
  odd: ({ id }) => (id % 17 === 9 ? Promise.reject(new Error(`no ${id}`)) : id),
  name: ({ id }) => (id % 13 === 4 ? fail(id) : `cell ${id}`),
  rows: ({ id }) => (id % 3 === 0 ? upTo(2) : null),
})

/** Work of which every part is over as soon as it is asked. */
function impatient(): AnswerWork & { pauses: number } {
  return {
    ...unboundedWork,
    pauses: 0,
    isTurnOver: () => true,
    later(resume) {
      this.pauses++
      setImmediate(resume)
    },
  }
}

const told = ({ data, errors = [] }: ExecutionResult) => ({
  data: JSON.parse(JSON.stringify(data)),
  errors: errors.map(({ message, path }) => `${path?.join('.')}: ${message}`).sort(),
})

test.each([
  '{ rows(count: 60) { id cells(count: 20) { id name } numbers } }',
  '{ rows(count: 40) { must(count: 12) { id odd } later(count: 9) { id rows { id must(count: 3) { odd } } } } }',
  '{ strict(count: 50) { later(count: 10) { name odd } cells(count: 30) { odd } } }',
  '{ numbers(count: 30000) }',
  '{ strict(count: 30) { id must(count: 3) { id } } rows(count: 3000) { id } }',
])(
  'lists that stop in the middle and go on later have the values and errors that graphql-js has: %s',
  async (text) => {
    const document = parse(text)
    const expected = told(await execute({ schema, document }))
    const work = impatient()
    const operation = compileLocalOperation(schema, document)!
    expect(told(await operation({}, {}, work))).toEqual(expected)
    expect(work.pauses).toBeGreaterThan(1)
  },
)

test('while anything is stopped, no further lists are begun', async () => {
  let begun = 0
  const resumes: (() => void)[] = []
  resolveWith('Row', {
    cells: (_, { count }) => {
      begun++
      return upTo(count)
    },
  })
  const work: AnswerWork = {
    ...unboundedWork,
    isTurnOver: () => true,
    later: (resume) => resumes.push(resume),
  }
  const operation = compileLocalOperation(
    schema,
    parse('{ strict(count: 1000) { cells(count: 1200) { id } } }'),
  )!
  void operation({}, {}, work)
  expect(begun).toBe(1)
  expect(resumes).toHaveLength(1)
  resumes.pop()!()
  await new Promise(setImmediate)
  expect(begun).toBeLessThan(5)
})

test('what is over is not gone on with', async () => {
  const resumes: (() => void)[] = []
  let isOver = false
  let isSettled = false
  const work: AnswerWork = {
    ...unboundedWork,
    get isOver() {
      return isOver
    },
    isTurnOver: () => true,
    later: (resume) => resumes.push(resume),
  }
  const operation = compileLocalOperation(schema, parse('{ rows(count: 1000) { id } }'))!
  operation({}, {}, work).then(() => {
    isSettled = true
  })
  isOver = true
  while (resumes.length > 0) resumes.pop()!()
  await new Promise(setImmediate)
  expect([isSettled, resumes.length]).toEqual([false, 0])
})

test('rows of predictions in lists that stop are asked together', async () => {
  const asked: number[] = []
  const answer = ({ parents }: ColumnCall) => {
    asked.push(parents.length)
    return Promise.resolve({ values: parents.map(() => 'predicted'), errors: undefined })
  }
  resolveWith('Row', { cells: (_, { count }) => upTo(count) })
  resolveWith('Cell', {
    name: withColumns(() => null, { answer, takesReferences: false, parentFields: [] }),
  })
  const text = '{ strict(count: 120) { id cells(count: 20) { name } } }'
  const work = impatient()
  const operation = compileLocalOperation(schema, parse(text))!
  const { data } = await operation({}, {}, work)
  expect(work.pauses).toBeGreaterThan(1)
  expect(asked).toEqual([2400])
  expect(JSON.stringify(data).match(/predicted/g)).toHaveLength(2400)
})

test('an error that rows of predictions share counts for each of them, and beyond the budget nothing more is written', async () => {
  const error = new PresageError('OVERLOADED', 'too many')
  const answer = ({ parents }: ColumnCall) =>
    Promise.resolve({ values: parents.map(() => null), errors: parents.map(() => error) })
  resolveWith('Query', { strict: (_, { count }) => upTo(count) })
  resolveWith('Cell', {
    name: withColumns(() => null, { answer, takesReferences: false, parentFields: [] }),
  })
  resolveWith('Row', { cells: (_, { count }) => upTo(count) })
  let values = 0
  const work: AnswerWork = {
    ...unboundedWork,
    get isClosed() {
      return values > 50_000
    },
    takes(more) {
      values += more
      return !this.isClosed
    },
  }
  const names = Array.from({ length: 20 }, (_, at) => `name${at}: name`).join(' ')
  const operation = compileLocalOperation(
    schema,
    parse(`{ strict(count: 1) { cells(count: 1000) { ${names} } } }`),
  )!
  const { shared } = errorsOf(await operation({}, {}, work))
  // The list has 21,000 values, and the errors of a field 10,000.
  expect(shared.map(({ count }) => count)).toEqual([1000, 1000, 1000])
})

const unlikeObject = (id: number) =>
  id % 5 === 3
    ? { id, name: () => `late ${id}` }
    : id % 3 === 2
      ? { id: 'no number' }
      : { id, name: `cell ${id}` }

test.each([
  ['a value', 'name', (id: number) => (id % 4 === 2 ? new Error(`no ${id}`) : `cell ${id}`)],
  ['an object', 'inner { id name }', unlikeObject],
  [
    'an object or error',
    'inner { id name }',
    (id: number) => (id % 4 === 2 ? new Error(`no ${id}`) : unlikeObject(id)),
  ],
])(
  'rows of predictions in lists of plain objects, promises and nulls: %s is where graphql-js has it',
  async (_, selection, predictionOf) => {
    const sdl = `
    type Query { rows: [Row] }
    type Row { id: Int cells: [Cell] one: Cell }
    type Cell { id: Int name: String inner: Inner }
    type Inner { id: Int! name: String }`
    const cells = (row: number) =>
      Array.from({ length: row % 4 }, (_, at) => {
        const cell = { id: row * 3 + at }
        if (at === 1 && row % 3 === 0) return null
        return at === 1 && row % 3 === 1 ? Promise.resolve(cell) : cell
      })
    const rows = Array.from({ length: 40 }, (_, id) => ({ id, cells: cells(id), one: { id: 100 + id } }))
    const answer = ({ parents }: ColumnCall) => {
      const values = parents.map((cell) => predictionOf((cell as { id: number }).id))
      const errors = values.map((value) => (value instanceof Error ? value : undefined))
      return Promise.resolve({ values, errors: errors.some(Boolean) ? errors : undefined })
    }
    const build = () => {
      const schema = buildSchema(sdl)
      schema.getQueryType()!.getFields()['rows'].resolve = () => rows
      return schema
    }
    const fieldsOf = (schema: ReturnType<typeof build>) =>
      (schema.getType('Cell') as NonNullable<ReturnType<typeof schema.getQueryType>>).getFields()
    const byRows = build()
    const byColumns = build()
    for (const name of ['name', 'inner']) {
      fieldsOf(byRows)[name].resolve = ({ id }) => {
        const value = predictionOf(id)
        if (value instanceof Error) throw value
        return value
      }
      const columns = { answer, takesReferences: false, parentFields: [] }
      fieldsOf(byColumns)[name].resolve = withColumns(() => null, columns)
    }
    const document = parse(`{ rows { id cells { id ${selection} } one { ${selection} } } }`)
    const expected = told(await execute({ schema: byRows, document }))
    expect(expected.errors.length).toBeGreaterThan(10)
    expect(told(await compileLocalOperation(byColumns, document)!({}, {}))).toEqual(expected)
  },
)
