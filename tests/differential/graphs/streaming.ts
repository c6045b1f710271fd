import type { GraphSource, Thing, Values } from './graph'
import { json, long, mark, scalarLiterals, scalarValues } from './scalars'
import { entity, lookup, part, show } from './things'

/**
 * What a graph of predictions looks like, with plain resolvers in the place of models: fields with `@predict` that require fields of
 * other subgraphs, two with other requirements on one entity, with arguments, behind interfaces, in lists of lists.
 */
const titleQueries = `
    title(id: ID!): Title
    titles(first: Int = 3, years: [[Int!]]): [Title!]!
    work(id: ID = "e1"): Work
    works: [Work!]!
    shelf(rows: Int = 2): [[Work]]`
const memberQueries = `
    member(id: ID!): Member
    members: [Member]`
const predictionQueries = `
    rated(first: Int = 2): [Rated]
    abuse(text: String!, languages: [String] = ["en"], options: Options = { top: 2 }): Abuse @predict(objective: "ABUSE")
    bestFor(memberIds: [[ID!]!]!): [[Recommendation]]
    tried(features: [Json!]!, mark: Mark): [Float]`
const withoutDirectives = (text: string) => text.replace(/@predict\([^)]*\)/g, '')
const memberMutations = `
    rate(memberId: ID!, titleId: ID!, stars: Float! = 3.5): Viewing
    forget(memberId: ID!): Member!`
const predictionMutations = `
    retrain(objective: String = "RATING", options: Options): Training!
    score(titleId: ID!): Title`
const inputs = `
  scalar Json
  scalar Mark
  enum Decision { KEEP CALL }
  input Options { top: Int = 3 threshold: Float = 0.5 weights: [[Float!]!] decision: Decision = CALL more: Options pick: Choice }
  input Choice @oneOf { one: ID many: [ID!] options: Options }`

const titles = [
  entity('Title', 't1', {
    name: 'Alien',
    year: 1979,
    genres: ['horror', 'sci-fi'],
    grid: [[0.5, 1e-7], []],
    related: [['t2', null], null, ['t1']],
  }),
  entity('Title', 't2', { name: 'Big', year: null, genres: [], grid: null, related: [] }),
  entity('Title', 't3', { name: '', year: 0, genres: null, grid: [[1e21, null]], related: null }),
]
const episodes = [
  entity('Episode', 'e1', { name: 'Pilot', year: 1990, season: 1, of: 't1', genres: ['drama'] }),
  entity('Episode', 'e2', { name: 'Finale "x"', year: null, season: null, of: null, genres: null }),
]
const members = [
  entity('Member', 'm1', { name: 'Mia', age: 31, seen: ['t1', 't3'], plan: { level: 2 } }),
  entity('Member', 'm2', { name: null, age: null, seen: [], plan: null }),
  entity('Member', 'm3', { name: 'Moe', age: 99, seen: ['t2', 't1', 'e1'], plan: { level: null } }),
]
const works = [...titles, ...episodes]
const things = [...works, ...members]
const { one, all } = lookup(things)

const rating = (it: Thing, { memberId }: Values, given: Values) => show([it.key, memberId, given]).length / 8
const recommendation = (of: Thing, i: number) =>
  part('Recommendation', of, `recommendation${i}`, { title: titles[i % 3].key, score: i + 0.25 })
const viewing = (of: Thing, key: string, i: number, more: Values = {}) =>
  part('Viewing', of, `viewing${i}`, { title: key, stars: i / 2, at: `${9007199254740990 + i}`, ...more })

const ratings = `predictedRating(memberId: ID!, options: Options): Float`

export const streaming: GraphSource = {
  name: 'streaming',
  whole: `
    type Query {${titleQueries}${memberQueries}${withoutDirectives(predictionQueries)} }
    type Mutation {${memberMutations}${predictionMutations} }
    ${inputs}
    scalar Long
    interface Work { id: ID! name: String! year: Int genres: [String!] }
    interface Rated { ${ratings} }
    type Title implements Work & Rated {
      id: ID! name: String! year: Int genres: [String!] grid: [[Float]!] related: [[Title]]
      ${ratings} labels(top: Int = 2, threshold: Float): [Label!] embedding(scale: Float! = 1): [[Float!]!] similar(first: Int = 2): [Title!]! trained: Int!
    }
    type Episode implements Work & Rated {
      id: ID! name: String! year: Int genres: [String!] season: Int of: Title
      predictedRating(memberId: ID!, options: Options): Float! labels: [String]
    }
    type Member {
      id: ID! name: String age: Int plan: Plan history(first: Int = 2): [Viewing!]!
      churn: Churn recommended(first: Int = 2, options: Options): [Recommendation!]! summary(style: String = "short"): String!
    }
    type Plan { level: Int }
    type Viewing { title: Work stars: Float at: Long }
    type Label { name: String! probability: Float }
    type Churn { probability: Float! decision: Decision reasons: [[String]] }
    type Abuse { probability: Float label: String options: String }
    type Recommendation { title: Title score: Float! }
    type Training { step: Int! done: [String!] best: Rated }`,
  subgraphs: {
    titles: `
      type Query {${titleQueries} }
      interface Work { id: ID! name: String! year: Int genres: [String!] }
      type Title implements Work @key(fields: "id") {
        id: ID! name: String! year: Int genres: [String!] grid: [[Float]!] related: [[Title]]
      }
      type Episode implements Work @key(fields: "id") { id: ID! name: String! year: Int genres: [String!] season: Int of: Title }`,
    members: `
      type Query {${memberQueries} }
      type Mutation {${memberMutations} }
      scalar Long
      type Member @key(fields: "id") { id: ID! name: String age: Int plan: Plan history(first: Int = 2): [Viewing!]! }
      type Plan { level: Int }
      interface Work { id: ID! }
      type Title implements Work @key(fields: "id", resolvable: false) { id: ID! }
      type Episode implements Work @key(fields: "id", resolvable: false) { id: ID! }
      type Viewing { title: Work stars: Float at: Long }`,
    predictions: `
      type Query {${predictionQueries} }
      type Mutation {${predictionMutations} }
      ${inputs}
      interface Rated { ${ratings} }
      type Title implements Rated @key(fields: "id") {
        id: ID! genres: [String!] @external year: Int @external grid: [[Float]!] @external name: String! @external
        ${ratings} @requires(fields: "genres year") @predict(objective: "RATING", inputs: ["titleId: parent.id"])
        labels(top: Int = 2, threshold: Float): [Label!] @requires(fields: "name") @predict(objective: "LABELS")
        embedding(scale: Float! = 1): [[Float!]!] @requires(fields: "grid") @predict(objective: "EMBEDDING")
        similar(first: Int = 2): [Title!]!
        trained: Int!
      }
      type Label { name: String! probability: Float }
      type Episode implements Rated @key(fields: "id") {
        id: ID! year: Int @external genres: [String!] @external
        predictedRating(memberId: ID!, options: Options): Float! @requires(fields: "year") @predict(objective: "RATING")
        labels: [String] @requires(fields: "genres") @predict(objective: "LABELS")
      }
      type Member @key(fields: "id") {
        id: ID! age: Int @external plan: Plan @external name: String @external
        churn: Churn @requires(fields: "age plan { level }") @predict(objective: "CHURN")
        recommended(first: Int = 2, options: Options): [Recommendation!]! @predict(objective: "RECOMMEND")
        summary(style: String = "short"): String! @requires(fields: "name age") @predict(objective: "SUMMARY")
      }
      type Plan @external { level: Int }
      type Churn { probability: Float! decision: Decision reasons: [[String]] }
      type Abuse { probability: Float label: String options: String }
      type Recommendation { title: Title score: Float! }
      type Training { step: Int! done: [String!] best: Rated }`,
  },
  things,
  fields: {
    Query: {
      title: (_, { id }) => titles.find(({ key }) => key === id) ?? null,
      titles: (_, { first }) => titles.slice(0, Math.max(0, Number(first ?? 1))),
      work: (_, { id }) => works.find(({ key }) => key === id) ?? null,
      works: () => [episodes[0], titles[2], titles[0], episodes[1], titles[0]],
      shelf: (_, { rows }) =>
        [[titles[0], null, episodes[0]], null, [], [episodes[1], titles[1]]].slice(
          0,
          Math.max(0, Number(rows ?? 4)),
        ),
      member: (_, { id }) => members.find(({ key }) => key === id) ?? null,
      members: () => [members[1], null, members[0], members[2], members[0]],
      rated: (_, { first }) =>
        [titles[1], episodes[0], null, titles[0], episodes[1]].slice(0, Math.max(0, Number(first ?? 5))),
      abuse: (_, { text, languages, options }) => ({
        __typename: 'Abuse',
        key: 'abuse',
        probability: String(text).length / 10,
        label: show(languages),
        options: show(options),
      }),
      bestFor: (_, { memberIds }) =>
        (memberIds as unknown[][]).map((ids) =>
          ids.map((id, i) => (id === 'm2' ? null : recommendation(members[0], i))),
        ),
      tried: (_, { features, mark: note }) =>
        (features as unknown[]).map((feature) => (feature === 0 ? null : show([feature, note]).length)),
    },
    Mutation: {
      rate: (_, { memberId, titleId, stars }, { log }) => {
        const it = members.find(({ key }) => key === memberId)
        return it ? viewing(it, String(titleId), log.length, { stars }) : null
      },
      forget: (_, { memberId }) => members.find(({ key }) => key === memberId) ?? null,
      retrain: (_, __, { log }) => ({
        __typename: 'Training',
        key: `training ${log.length}`,
        step: log.length,
        done: [...log],
        best: log.length % 2 === 0 ? 't1' : 'e1',
      }),
      score: (_, { titleId }) => titles.find(({ key }) => key === titleId) ?? null,
    },
    Title: {
      related: (it) => (it['related'] as unknown[] | null)?.map(all) ?? null,
      predictedRating: (it, args, _, given) => rating(it, args, given),
      labels: (it, { top, threshold }, _, { name }) =>
        Array.from({ length: Math.max(0, Math.min(3, Number(top ?? 1))) }, (_, i) =>
          part('Label', it, `label${i}`, { name: `${show(name)} ${i}`, probability: threshold ?? null }),
        ),
      embedding: (_, { scale }, __, { grid }) =>
        Array.isArray(grid)
          ? grid.map((row: (number | null)[]) =>
              row.map((value) => (value === null ? value : value * Number(scale))),
            )
          : grid === null
            ? null
            : [[-1]],
      similar: (_, { first }) => titles.slice(0, Math.max(0, Number(first ?? 1))),
      trained: (_, __, { log }) => log.filter((entry) => entry.startsWith('retrain')).length,
    },
    Episode: {
      of: (it) => one(it['of']),
      predictedRating: (it, args, _, given) => rating(it, args, given),
      labels: (_, __, ___, { genres }) => [show(genres), null],
    },
    Member: {
      plan: (it) => (it['plan'] ? part('Plan', it, 'plan', it['plan'] as Values) : null),
      history: (it, { first }) =>
        (it['seen'] as string[])
          .slice(0, Math.max(0, Number(first ?? 9)))
          .map((key, i) => viewing(it, key, i)),
      churn: (it, _, __, given) =>
        part('Churn', it, 'churn', {
          probability: show(given).length / 100,
          decision: given['age'] === null ? null : 'CALL',
          reasons: [[show(given), null], null],
        }),
      recommended: (it, { first }) =>
        Array.from({ length: Math.max(0, Math.min(4, Number(first ?? 3))) }, (_, i) => recommendation(it, i)),
      summary: (it, { style }, _, given) => `${it.key} ${style} ${show(given)}`,
    },
    Viewing: { title: (it) => one(it['title']) },
    Recommendation: { title: (it) => one(it['title']) },
    Training: { best: (it) => one(it['best']) },
  },
  scalars: { Long: long, Mark: mark, Json: json },
  literals: scalarLiterals,
  variableValues: scalarValues,
  samples: {
    ID: ['t1', 't2', 't3', 'e1', 'e2'],
    memberId: ['m1', 'm2', 'm3'],
    memberIds: ['m1', 'm2', 'm3'],
    id: ['t1', 't2', 't3', 'e1', 'e2', 'm1', 'm2', 'm3'],
    'title.id': ['t1', 't2', 't3'],
    'work.id': ['t1', 't3', 'e1', 'e2'],
    'member.id': ['m1', 'm2', 'm3'],
    titleId: ['t1', 't2', 't3'],
    rows: [0, 1, 2, 4],
    first: [0, 1, 2, 3, 3],
    top: [0, 1, 2, 3],
  },
}
