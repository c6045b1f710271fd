import fc from 'fast-check'

export const sdl = `
  enum Size { SMALL BIG }
  input Range { from: Int! to: Int = 9 }
  interface Pet { name: String! friends(first: Int): [Pet!] }
  type Dog implements Pet { name: String! friends(first: Int): [Pet!] size: Size barks(in: Range): Int }
  type Cat implements Pet { name: String! friends(first: Int): [Pet!] size: String }
  union Any = Dog | Cat
  type Query { pet(size: Size): Pet pets(first: Int!, ids: [ID!]): [Pet!] any: Any dog: Dog n(i: Int, r: Range): Int }
  type Mutation { change(to: Int!): Int }`

/** Selections at the root; the first are valid, and each other breaks a rule, alone or beside others. */
const valid = [
  'n',
  'm: n(i: 2)',
  'k: n(r: { from: 1 })',
  'pet(size: BIG) { name friends(first: 2) { name } }',
  'all: pets(first: 3, ids: ["1", 2]) { __typename ... on Dog { barks(in: { from: 1, to: 2 }) } ...P }',
  'any { ... on Dog { size } ... on Cat { catSize: size } }',
  'dog @include(if: true) { ...P name }',
  '... on Query @skip(if: $if) { n }',
  'of: pets(first: $first) { name }',
]
const broken = [
  'm: n(i: "text")',
  'k: n(r: { to: 1, from: null, up: 2 })',
  'none',
  'n(i: 1)',
  'pet',
  'n { name }',
  'pets { name }',
  'dog { nam size: name size }',
  'any { name ... on Query { n } }',
  'pet(size: BIG, size: SMALL) { name @unknown }',
  'n @include @skip(if: 1) @skip(if: 2)',
  '...Missing',
  '...Loop',
  'of: pets(first: $missing, ids: [[$first]]) { name }',
  'n(i: $text)',
  'pet(size: HUGE) { ...P @defer friends(first: 1.5) { ... on Size { name } } }',
]
/** Definitions beside the operation. `P` is used by some selections, and unused without them. */
const definitions = [
  'fragment P on Pet { name again: friends { name } }',
  'fragment P on Dog { name size }',
  'fragment Loop on Query { n ...Loop }',
  'fragment Odd on Size { name }',
  'query Other { n }',
  'mutation { change(to: 1) }',
  'type More { n: Int }',
]
const variables = [
  '',
  '($if: Boolean!, $first: Int!)',
  '($first: Int!, $if: Boolean = true)',
  '($text: String, $text: [Pet], $if: Boolean, $first: Int)',
]

/** Documents, most of them invalid, with errors of most rules of graphql-js. */
export const documents = fc
  .record({
    head: fc.constantFrom('query Q', 'query'),
    variables: fc.constantFrom(...variables),
    before: fc.array(fc.constantFrom(...valid), { minLength: 1, maxLength: 6 }),
    broken: fc.oneof(fc.constant([]), fc.array(fc.constantFrom(...broken), { maxLength: 4 })),
    after: fc.array(fc.constantFrom(...valid), { maxLength: 3 }),
    definitions: fc.oneof(
      fc.constant(definitions.slice(0, 1)),
      fc.uniqueArray(fc.constantFrom(...definitions), { maxLength: 3 }),
    ),
  })
  .map((of) => {
    const selections = [...of.before, ...of.broken, ...of.after].join('\n  ')
    return `${of.head}${of.variables} {\n  ${selections}\n}\n${of.definitions.join('\n')}`
  })
