import fc from 'fast-check'

/** Documents of one part many times. */
export const documentAtLimits = fc.oneof(
  around(100, 1000).map((count) => `{ ${repeat(count, (at) => `a${at}: titles(first: 1) { id }`)} }`),
  around(1000).map((count) => `{ titles(first: 1) { ${repeat(count, (at) => `a${at}: name`)} } }`),
  around(100).map(
    (count) =>
      `{ titles(first: 1) { ${repeat(count, (at) => `p${at}: predictedRating(memberId: "${at}")`)} } }`,
  ),
  around(100).map((count) => `{ titles(first: 1) { id ${repeat(count, () => '@include(if: true)')} } }`),
  around(100).map(
    (count) => `{ titles(first: 1) { ${repeat(count, (at) => `a${at}: id @skip(if: ${at % 2 === 0})`)} } }`,
  ),
  around(1000).map((count) => `{ titles(ids: [${repeat(count, (at) => `"${at}"`, ',')}]) { id } }`),
  around(20, 40).map(
    (depth) => `{ titles(first: 1) { ${'... on Title { '.repeat(depth)}id${' }'.repeat(depth)} } }`,
  ),
  around(40, 250).map(
    (depth) =>
      `{ __schema { types { fields { type ${'{ ofType '.repeat(depth)}{ name }${' }'.repeat(depth)} } } } }`,
  ),
  around(12, 40).map(
    (depth) =>
      `{ members(first: 1) { ${'history(first: 1) { title { predictedRating(memberId: "1") id } '.repeat(depth)}stars${' }'.repeat(depth)} } }`,
  ),
  around(250).map((depth) => `{ titles(ids: ${'['.repeat(depth)}${']'.repeat(depth)}) { id } }`),
  around(8, 12).map(
    (depth) =>
      `{ titles(first: 1) { ...F0 } } ${repeat(depth, (at) => `fragment F${at} on Title { ...F${at + 1} a: id ...F${at + 1} }`)} fragment F${depth} on Title { id }`,
  ),
  fc
    .integer({ min: 1, max: 30 })
    .map(
      (length) =>
        `{ titles(first: 1) { ...F0 } } ${repeat(length, (at) => `fragment F${at} on Title { id ...F${(at + 1) % length} }`)}`,
    ),
  fc
    .integer({ min: 1, max: 60 })
    .map(
      (count) =>
        `query (${repeat(count, (at) => `$v${at}: Int = ${at}`, ',')}) { ${repeat(count, (at) => `a${at}: titles(first: $v${at}) { id }`)} }`,
    ),
  fc
    .integer({ min: 1, max: 9 })
    .map(
      (count) =>
        `query (${repeat(count, (at) => `$v${at}: Boolean = ${at % 2 === 0}`, ',')}) { titles(first: 1) { id ${repeat(count, (at) => `a${at}: name @skip(if: $v${at})`)} } }`,
    ),
  fc
    .integer({ min: 1, max: 60 })
    .map((count) => repeat(count, (at) => `query Q${at} { titles(first: 1) { id } }`)),
  fc.nat(20_000).map((length) => `{ titles(ids: ["${'x'.repeat(length)}"]) { id } }`),
)

function repeat(count: number, make: (at: number) => string, between = ' '): string {
  return Array.from({ length: count }, (_, at) => make(at)).join(between)
}

/** A little below a limit, at it, and a little above. */
function around(...limits: readonly number[]): fc.Arbitrary<number> {
  return fc.oneof(
    fc
      .constantFrom(...limits)
      .chain((limit) => fc.integer({ min: -2, max: 2 }).map((by) => Math.max(0, limit + by))),
    fc.nat(300),
  )
}
