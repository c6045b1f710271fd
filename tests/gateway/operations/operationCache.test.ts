import { buildSchema, getOperationAST, parse } from 'graphql'
import { defaultAnswerBudget } from '../../../gateway/limits/answerBudget'
import { OperationCache } from '../../../gateway/operations/operationCache'
import type { OperationEnvironment } from '../../../gateway/operations/operationEnvironment'
import { Deadlines, systemClock } from '../../../lib/clock'
import { noMetrics } from '../../../lib/metrics'
import { createClientRequest } from '../../../lib/request/clientRequest'

const schema = buildSchema(`
  scalar Custom
  type Query { a(i: Int, f: Float, c: Custom, l: [Int!]): Int b: Int }`)

const request = createClientRequest({ id: '1', deadline: 0 })

function open(maxEntries = 10, maxBytes?: number) {
  const planned: string[] = []
  const admitted: unknown[] = []
  const environment: OperationEnvironment = {
    schema,
    maxListLength: 3,
    budget: defaultAnswerBudget,
    deadlines: new Deadlines(systemClock),
    explained: () => ({}),
    hits: noMetrics.counter('', ''),
    admit: (client) => admitted.push(client),
    stepFor({ text }) {
      planned.push(text)
      return () => undefined
    },
  }
  const cache = new OperationCache(environment, maxEntries, maxBytes)
  return {
    planned,
    admitted,
    take(text: string, operationName?: string) {
      const document = parse(text)
      return cache.take({
        text,
        document,
        operation: getOperationAST(document, operationName)!,
        operationName,
      })
    },
    drop: (text: string) => cache.drop(text, undefined),
    find: (text: string, operationName?: string, maxTokens = 1000) =>
      cache.find(text, operationName, maxTokens),
  }
}

test('a text that was taken is found, with its literals, and no other', () => {
  const { take, find } = open()
  const taken = take('{ a(i: 1) }')
  expect(find('{ a(i: 1) }')).toBe(taken)
  expect(taken.literals).toMatchObject([{ kind: 'IntValue', value: '1' }])
  expect(find('{ b }')).toBeUndefined()
})

test('a text that differs in literals and layout is found, though it was never taken, as the same operation', () => {
  const { take, find } = open()
  const taken = take('{ a(i: 1) }')
  const found = find('{ # other\n a(i: 2) }')
  expect(found).not.toBe(taken)
  expect(found?.prepared).toBe(taken.prepared)
  expect(found?.literals).toMatchObject([{ value: '2' }])
})

test.each<[string, string, string, ...string[]]>([
  ['a literal of another type', '{ a(i: 1) }', '{ a(i: "1") }'],
  ['one that is too large', '{ a(i: 1) }', '{ a(i: 2147483648) }'],
  ['a list that is too long', '{ a(l: [1]) }', '{ a(l: [1, 2, 3, 4]) }'],
  ['one that stays in the document', '{ a(f: 1) }', '{ a(f: 1e999) }'],
  ["another literal of a team's scalar", '{ a(c: 1) }', '{ a(c: 2) }'],
  ['another field', '{ a(i: 1) }', '{ b }'],
  ['what does not parse', '{ a(i: 1) }', '{ a(i: 1)'],
  ['an operation name', '{ a(i: 1) }', '{ a(i: 2) }', 'A'],
])('%s is not found, so that it is looked at', (_, known, text, ...[name]) => {
  const { take, find } = open()
  take(known)
  expect(find(text, name)).toBeUndefined()
})

test('a text with literals that stay is found as it is', () => {
  const { take, find } = open()
  for (const text of ['{ a(c: 1, i: 1) }', '{ a(c: 2, i: 1) }']) {
    const { prepared } = take(text)
    expect(find(text.replace('i: 1', 'i: 5'))?.prepared).toBe(prepared)
  }
})

test('operations of one document are apart', () => {
  const { take } = open()
  const text = 'query A { a } query B { b }'
  const [a, b] = [take(text, 'A'), take(text, 'B')]
  expect([a.prepared.name, b.prepared.name, a.prepared === b.prepared]).toEqual(['A', 'B', false])
  expect(take(text.replace(' }', ' # other\n}'), 'A').prepared).toBe(a.prepared)
})

test('a name and a text that were sent as one text, or with another border, are not found', () => {
  const { take, find } = open()
  const text = 'query A { a }'
  const taken = take(text, 'A')
  expect(find(text, 'A')).toBe(taken)
  expect(find(`A ${text}`)).toBeUndefined()
  expect(find('{ a }', 'A query A')).toBeUndefined()
})

test('an operation that was refused leaves no trace, and one that is compiled stays', () => {
  const { take, find, drop } = open()
  take('{ a(i: 1) }')
  drop('{ a(i: 1) }')
  expect(find('{ a(i: 1) }')).toBeUndefined()
  const compiled = take('{ a(i: 1) }')
  compiled.prepared.compile({}, request)
  drop('{ a(i: 1) }')
  expect(find('{ a(i: 1) }')).toBe(compiled)
})

test('a flood of operations that are refused drops no other', () => {
  const { take, find, drop } = open(3)
  const texts = ['{ b }', '{ c: b }']
  for (const text of texts) take(text).prepared.compile({}, request)
  for (let i = 0; i < 100; i++) {
    take(`{ a${i}: b }`)
    drop(`{ a${i}: b }`)
  }
  for (const text of texts) expect(find(text)).toBeDefined()
})

test('a text of more tokens than are allowed is not parsed', () => {
  const { take, find } = open()
  take('{ a(l: [1]) }')
  expect(find('{ a(l: [1 2]) }', undefined, 11)?.literals).toHaveLength(1)
  expect(find('{ a(l: [1 2 3]) }', undefined, 11)).toBeUndefined()
})

test('a text of more than a hundred thousand characters is found only as it is', () => {
  const { take, find } = open()
  take('{ a(i: 1) }')
  const long = `{ a(i: 2) }${' '.repeat(100_000)}`
  expect(find(long)).toBeUndefined()
  const taken = take(long)
  expect(find(long)).toBe(taken)
})

test('texts that differ in their literals let go of each other, not of what is prepared', () => {
  const { take, find } = open(3)
  const { prepared } = take('{ a(i: 0) }')
  const other = take('{ b }').prepared
  for (let i = 1; i < 100; i++) find(`{ a(i: ${i}) }`)
  expect(find('{ a(i: 0) }')?.prepared).toBe(prepared)
  expect(take('{ b }').prepared).toBe(other)
})

test('with room for nothing, each text is the first', () => {
  const { take, find } = open(0)
  const { prepared } = take('{ b }')
  expect(find('{ b }')).toBeUndefined()
  expect(take('{ b }').prepared).not.toBe(prepared)
})

test('an operation is compiled once for each combination of its conditions, which the client is told to answer for', () => {
  const { take, planned, admitted } = open()
  const { prepared } = take('query ($y: Boolean!, $i: Int) { a(i: $i) @include(if: $y) b }')
  const yes = { y: true, i: 1 }
  expect(prepared.compiled(yes)).toBeUndefined()
  const compiled = prepared.compile(yes, request)
  expect(prepared.compiled({ y: true, i: 2 })).toBe(compiled)
  expect(prepared.compiled({ y: false, i: 1 })).toBeUndefined()
  prepared.compile({ y: false }, request)
  expect(planned).toEqual(['query($v0:Int){a(i:$v0) b}', 'query{b}'])
  expect(admitted).toEqual([request, request])
})

test('of 65 combinations the one that was used least lately is let go', () => {
  const { take } = open()
  const names = Array.from({ length: 7 }, (_, i) => `c${i}`)
  const { prepared } = take(
    `query (${names.map((name) => `$${name}: Boolean!`)}) { b ${names.map((name) => `${name}: a @skip(if: $${name})`).join(' ')} }`,
  )
  const combination = (number: number) =>
    Object.fromEntries(names.map((name, i) => [name, (number >> i) % 2 === 1]))
  for (let i = 0; i < 65; i++) prepared.compile(combination(i), request)
  expect(prepared.compiled(combination(0))).toBeUndefined()
  expect(prepared.compiled(combination(1))).toBeDefined()
  expect(prepared.compiled(combination(64))).toBeDefined()
})

test('where memory is short, what was asked least lately is compiled again', () => {
  const { take, find } = open(10, 4000)
  const compiled = (text: string) => {
    const { prepared } = take(text)
    return prepared.compiled({}) ?? prepared.compile({}, request)
  }
  const [first, second] = ['{ b }', '{ x: b }'].map(compiled)
  find('{ b }')
  compiled('{ y: b }')
  expect(compiled('{ b }')).toBe(first)
  const again = compiled('{ x: b }')
  expect(again).not.toBe(second)
  expect(compiled('{ x: b }')).toBe(again)
})

test('texts that differ in their literals share what is compiled, also after it was let go', () => {
  const { take, admitted } = open(10, 4000)
  const compiled = (text: string) => {
    const { prepared } = take(text)
    return prepared.compiled({}) ?? prepared.compile({}, request)
  }
  const first = compiled('{ a(i: 1) }')
  compiled('{ b }')
  const again = compiled('{ a(i: 2) }')
  expect(again).not.toBe(first)
  admitted.length = 0
  for (const text of ['{ a(i: 1) }', '{ a(i: 2) }']) expect(compiled(text)).toBe(again)
  expect(admitted).toEqual([])
  expect(take('{ a(i: 1) }').literals).toMatchObject([{ value: '1' }])
})
