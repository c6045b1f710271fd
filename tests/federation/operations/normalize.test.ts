import { type FieldNode, Kind, type ValueNode } from 'graphql'
import { normalize } from '../../../federation/operations/normalize'
import { tooLarge } from '../../../federation/operations/tooLarge'
import { asked, shown, sources } from './asked'

const sdl = `
  directive @mark on FIELD
  input Filter { name: String ids: [ID!] more: Any }
  scalar Any
  interface Pet { id: ID! name(in: String): String friend: Pet mixed: Int }
  interface Loud { noise: String }
  type Dog implements Pet & Loud { id: ID! name(in: String): String friend: Pet mixed: Int noise: String name_2: Int }
  type Cat implements Pet { id: ID! name(in: String): String friend: Pet mixed: Int! lives: Int }
  union Animal = Dog | Cat | Stone
  type Stone { weight: Int }
  type Query { pet(id: ID!): Pet pets(first: Int = 3, filter: Filter): [Pet!]! animals: [Animal] dog: Dog need(id: ID): Int must(id: ID!): Int any(of: Any): Int }
  type Mutation { buy(id: ID!): Dog sell: Int }`

const compact = (text: string, variables?: Record<string, unknown>) =>
  normalize(asked(sdl, text, variables), 'compact')

/** The texts of what is fetched, and what the client sees of it. */
function normal(text: string, variables?: Record<string, unknown>) {
  const { parts, root } = compact(text, variables)
  return { texts: parts.map((part) => part.text), shown: shown(root) }
}

describe('what is fetched', () => {
  test.each<[string, string, string, string]>([
    [
      'each field once, wherever the client wrote it, in an order of its own',
      '{ dog { noise id } ...A } fragment A on Query { x: dog { name } dog { again: noise } }',
      'query{dog{id noise} dog_2:dog{name}}',
      '{dog:dog{noise:noise id:id again:noise} x:dog_2{name:name}}',
    ],
    [
      'response keys are the fields’ names, whatever the client calls them',
      '{ dog { id: name name: id } }',
      'query{dog{id name}}',
      '{dog:dog{id:name name:id}}',
    ],
    [
      'two names for one field are one field',
      '{ dog { a: id b: id } x: dog { b: id } }',
      'query{dog{id}}',
      '{dog:dog{a:id b:id} x:dog{b:id}}',
    ],
    [
      'other arguments make another key, which is no field’s name',
      '{ dog { name a: name(in: "no") b: name(in: null) c: name } }',
      'query($v0:String,$v1:String){dog{name name_3:name(in:$v0) name_4:name(in:$v1)}}',
      '{dog:dog{name:name a:name_3 b:name_4 c:name}}',
    ],
    [
      'fragments are expanded by the types that may stand at their place',
      '{ pets { ...F } } fragment F on Pet { id ... on Loud { noise } ... on Cat { lives } ... on Dog { ... on Pet { name } } }',
      'query{pets{__typename id ...on Dog{name noise} ...on Cat{lives}}}',
      '{pets:pets{Dog{id:id noise:noise name:name} Cat{id:id lives:lives}}}',
    ],
    [
      'what all types have of an interface is asked of it, and then no type is asked for',
      '{ pets { ... on Dog { id } ... on Cat { id } } }',
      'query{pets{__typename id}}',
      '{pets:pets{id:id}}',
    ],
    [
      'nothing is asked of types for which there is nothing',
      '{ animals { ... on Dog { id } } }',
      'query{animals{__typename ...on Dog{id}}}',
      '{animals:animals{Dog{id:id} Cat{} Stone{}}}',
    ],
    [
      'where only __typename is wanted of objects of one type, that is known',
      '{ dog { kind: __typename } animals { kind: __typename } }',
      'query{animals{__typename} dog{_:__typename}}',
      '{dog:dog{kind:__typename} animals:animals{kind:__typename}}',
    ],
    [
      'fields of one name whose types differ are two',
      '{ pets { ... on Dog { a: mixed } ... on Cat { b: mixed } } }',
      'query{pets{__typename ...on Dog{mixed} ...on Cat{mixed_2:mixed}}}',
      '{pets:pets{Dog{a:mixed} Cat{b:mixed_2}}}',
    ],
    [
      'directives that decide nothing do not matter',
      '{ dog { id @mark @skip(if: false) @include(if: true) } }',
      'query{dog{id}}',
      '{dog:dog{id:id}}',
    ],
  ])('%s', (_, operation, text, seen) => {
    expect(normal(operation)).toEqual({ texts: [text], shown: seen })
  })

  test('is the same text for all who mean the same', () => {
    const texts = [
      'query ($i: ID!) { pet(id: $i) { id friend { name } } }',
      'query Q ($other: ID! = "1") { a: pet(id: $other) { friend { ... on Pet { x: name } } ...F } } fragment F on Pet { id }',
      '{ pet(id: 5) { ... on Dog { id friend { name } } ... on Cat { friend { name } id } } }',
    ].map((text) => normal(text).texts)
    expect(texts[0]).toEqual(['query($v0:ID!){pet(id:$v0){friend{name} id}}'])
    expect(texts[1]).toEqual(texts[0])
    expect(texts[2]).toEqual(['query($v0:ID!){pet(id:$v0){__typename friend{name} id}}'])
  })

  test('is nothing for __typename of the root alone', () => {
    expect(normal('{ __typename again: __typename }')).toEqual({
      texts: [],
      shown: '{__typename:__typename again:__typename}',
    })
  })

  test('is apart for questions about the schema', () => {
    const { parts, introspection } = compact(
      '{ dog { id } a: __type(name: "Dog") { name } __schema { description } }',
    )
    expect(parts.map(({ text }) => text)).toEqual(['query{dog{id}}'])
    expect(introspection?.text).toBe('query($v0:String!){__schema{description} __type(name:$v0){name}}')
  })
})

describe('conditions', () => {
  const text = `query ($a: Boolean!, $b: Boolean! = true) {
    dog @include(if: $a) { id } ... @skip(if: $a) { dog { name } } pets { name @include(if: $b) id @skip(if: $b) }
  }`

  test.each([
    [{ a: true, b: true }, 'query{dog{id} pets{name}}', '{dog:dog{id:id} pets:pets{name:name}}'],
    [{ a: false, b: false }, 'query{dog{name} pets{id}}', '{dog:dog{name:name} pets:pets{id:id}}'],
  ])('are decided before anything is planned: %j', (variables, fetched, seen) => {
    expect(normal(text, variables)).toEqual({ texts: [fetched], shown: seen })
  })

  test('that exclude all leave the object, of which nothing is shown', () => {
    const { texts, shown: seen } = normal('query ($a: Boolean!) { animals { __typename @skip(if: $a) } }', {
      a: true,
    })
    expect([texts, seen]).toEqual([['query{animals{_:__typename}}'], '{animals:animals{}}'])
  })

  test('that are null make an error of the objects in which they stand', () => {
    const { texts, shown: seen } = normal(
      'query ($a: Boolean = true) { dog { id @skip(if: $a) } animals { ... on Dog { id @include(if: $a) } } }',
      { a: null },
    )
    expect(texts).toEqual(['query{animals{__typename} dog{_:__typename}}'])
    expect(seen).toBe(
      '{dog:dog{!Argument "if" of non-null type "Boolean!" must not be null.} animals:animals{' +
        'Dog{!Argument "if" of non-null type "Boolean!" must not be null.} Cat{} Stone{}}}',
    )
  })
})

describe('variables', () => {
  const variablesOf = (text: string) => {
    const [part] = compact(text).parts
    return [part.text, ...sources(part)]
  }

  test.each<[string, string, string[]]>([
    [
      'literals are variables of the argument’s type, equal ones of one response key one',
      '{ pet(id: 1) { name(in: "a") friend { name(in: "a") x: name(in: "a") } } }',
      [
        'query($v0:ID!,$v1:String,$v2:String){pet(id:$v0){friend{name(in:$v1) name_3:name(in:$v2)} name(in:$v1)}}',
        'v0 is literal 0',
        'v1 is literal 1',
        'v2 is literal 2',
      ],
    ],
    [
      'a variable is one for each type that it is given for',
      'query ($i: ID!) { need(id: $i) must(id: $i) a: need(id: $i) }',
      ['query($v0:ID!,$v1:ID){must(id:$v0) need(id:$v1)}', 'v0 is $i', 'v1 is $i'],
    ],
    [
      'a variable that may be null, where null is not allowed, is declared as the client has it, with its default',
      'query ($i: ID = "x") { must(id: $i) need(id: $i) }',
      ['query($v0:ID="x",$v1:ID){must(id:$v0) need(id:$v1)}', 'v0 is $i', 'v1 is $i'],
    ],
    [
      'the default of an input object is read by subgraphs',
      'query ($f: Filter = {name: "x"}) { pets(filter: $f) { id } }',
      ['query($v0:Filter={name:"x"}){pets(filter:$v0){id}}'.replace('name:"x"', 'name: "x"'), 'v0 is $f'],
    ],
    [
      'a literal that may mean something else as a variable stays, and so does one around a variable',
      'query ($n: String) { any(of: {a: 1}) pets(filter: {name: $n}) { id } }',
      ['query($v0:Any,$v1:Filter){any(of:$v0) pets(filter:$v1){id}}', 'v0 stays', 'v1 stays', 'v2 is $n'],
    ],
    [
      'a list that is longer than the limit stays for those who count it',
      '{ pets(filter: {ids: [1, 2, 3, 4]}) { id } }',
      ['query($v0:Filter){pets(filter:$v0){id}}', 'v0 stays'],
    ],
  ])('%s', (_, text, expected) => {
    expect(variablesOf(text)).toEqual(expected)
  })
})

describe('mutations', () => {
  test('are fetched one root field at a time, in the order in which they stand, each response key once', () => {
    const text = `mutation ($no: Boolean!) { ...F sell sold: sell @skip(if: $no) b: buy(id: 1) { id } ...F }
      fragment F on Mutation { b: buy(id: 1) { name } sell }`
    expect(normal(text, { no: false })).toEqual({
      texts: ['mutation($v0:ID!){buy(id:$v0){id name}}', 'mutation{sell}', 'mutation{sell_2:sell}'],
      shown: '{b:buy{name:name id:id} sell:sell sold:sell_2}',
    })
    expect(normal(text, { no: true }).texts).toHaveLength(2)
  })

  test('of one field under two names are two', () => {
    expect(normal('mutation { a: buy(id: 1) { id } b: buy(id: 1) { id } }')).toEqual({
      texts: ['mutation($v0:ID!){buy(id:$v0){id}}', 'mutation($v1:ID!){buy_2:buy(id:$v1){id}}'],
      shown: '{a:buy{id:id} b:buy_2{id:id}}',
    })
  })
})

test('written apart, each type is asked by itself, under keys that no other type has', () => {
  const { parts, root } = normalize(
    asked(sdl, '{ pets { id name(in: "a") } dog { name(in: "b") } }'),
    'apart',
  )
  expect(parts[0].text).toBe(
    'query($v0:String,$v1:String){dog{name_3:name(in:$v0)} pets{__typename ...on Dog{id name_3:name(in:$v1)} ...on Cat{id_2:id name_4:name(in:$v1)}}}',
  )
  expect(shown(root)).toBe(
    '{pets:pets{Dog{id:id name:name_3} Cat{id:id_2 name:name_4}} dog:dog{name:name_3}}',
  )
})

test('more than 20,000 fields of all types that may stand at the places of an operation are refused', () => {
  const types = Array.from({ length: 30 }, (_, i) => `type T${i} implements I { id: ID! i: I }`).join(' ')
  const below = (aliases: number) => {
    const fields = Array.from({ length: aliases }, (_, i) => `a${i}: i { id }`).join(' ')
    return asked(`interface I { id: ID! i: I } ${types} type Query { i: I }`, `{ i { ${fields} } }`)
  }
  // Each alias is a field of 30 types, and so is the id below it.
  expect(normalize(below(300), 'compact').parts[0].text).toBe('query{i{i{id}}}')
  expect(() => normalize(below(340), 'compact')).toThrow(tooLarge())
})

describe('a long value is read as often for many uses as for one:', () => {
  const anyPet = `interface I { id(in: [E!], any: Any): ID! i: I } enum E { A B } scalar Any
    type T implements I { id(in: [E!], any: Any): ID! i: I } type U implements I { id(in: [E!], any: Any): ID! i: I }
    type Query { i: I }`

  /** How often the kind of the value is looked at while the operation is brought into normal form. */
  function looksAt(text: string): number {
    const operation = asked(anyPet, text)
    let looks = 0
    const count = (value: ValueNode | undefined) => {
      const kind = Kind.LIST
      expect(value?.kind).toBe(kind)
      Object.defineProperty(value, 'kind', { get: () => [kind, looks++][0], enumerable: true })
    }
    const [variable] = operation.operation.variableDefinitions ?? []
    const field = operation.fragments.get('F')?.selectionSet.selections[0] as FieldNode
    count(variable === undefined ? field.arguments?.[0].value : variable.defaultValue)
    normalize(operation, 'compact')
    return looks
  }

  test.each<[string, (uses: string) => string, string]>([
    ['one of enums', (uses) => `{ i { ${uses} } } fragment F on I { id(in: [A, B]) }`, 'i { ...F }'],
    [
      'one of a custom scalar',
      (uses) => `{ i { ${uses} } } fragment F on I { id(any: [1, 2]) }`,
      'i { ...F }',
    ],
    ['a default', (uses) => `query ($v: [E!] = [A, B]) { i { ${uses} } }`, 'id(in: $v)'],
  ])('%s', (_, text, use) => {
    const many = Array.from({ length: 9 }, (_, at) => `a${at}: ${use}`).join(' ')
    expect(looksAt(text(many))).toBe(looksAt(text(`a: ${use}`)))
  })
})
