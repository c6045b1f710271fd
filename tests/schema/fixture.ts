import { join } from 'node:path'
import type { FeatureSpec } from '../../models/contracts/manifest'
import type { InputSpec, Objective, OutputSpec } from '../../models/contracts/objective'
import type { ModelContract } from '../../models/manifest/servesObjective'
import type { ValueType } from '../../models/types/valueType'
import type { Catalog } from '../../schema/fields/catalog'
import type { SubgraphSource } from '../../schema/sdl/subgraphSources'

export const federation =
  'extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key", "@external", "@requires", "@shareable", "@override"])'
export const predict = '  @link(url: "https://specs.presage.dev/predict/v1.0", import: ["@predict"])'

/** A subgraph of the example; its first two lines are the links, so that `body` starts in line 3. */
export function subgraph(name: string, body: string): SubgraphSource {
  return source(name, `${federation}\n${predict}\n${body}`)
}

export function source(name: string, sdl: string): SubgraphSource {
  const file = join(process.cwd(), 'subgraphs', name, 'schema.graphql')
  return { name, url: `http://localhost:4001/${name}`, file, sdl }
}

/** `ID!` is required, `ID` nullable, `[ID!] = []` has a default. */
export function input(name: string, text: string): InputSpec {
  const [declared, value] = text.split(' = ')
  const required = declared.endsWith('!')
  return {
    name,
    type: valueType(required ? declared.slice(0, -1) : declared),
    nullable: !required && value === undefined,
    ...(value === undefined ? {} : { default: JSON.parse(value) }),
    onNull: required ? 'error' : 'missing',
  }
}

export function valueType(text: string): ValueType {
  const list = /^\[(\w+)!\]$/.exec(text)
  if (list !== null) return { kind: 'list', of: valueType(list[1]) }
  return { kind: text as 'Int' }
}

export function output(name: string, type: ValueType | string): OutputSpec {
  return { name, type: typeof type === 'string' ? valueType(type) : type }
}

export function objective(
  name: string,
  inputs: Record<string, string | InputSpec>,
  outputs: readonly OutputSpec[],
): Objective {
  return {
    name,
    description: name,
    inputs: Object.entries(inputs).map(([key, spec]) => (typeof spec === 'string' ? input(key, spec) : spec)),
    outputs,
    maxRows: 10_000,
    file: `objectives/${name}.yaml`,
  }
}

export function model(features: Record<string, string>, outputs: ModelContract['outputs']): ModelContract {
  return {
    features: Object.entries(features).map(
      ([key, text]): FeatureSpec => ({ ...input(key, text), input: key }),
    ),
    outputs,
  }
}

export function catalog(parts: Partial<Catalog> & { objectiveList?: readonly Objective[] } = {}): Catalog {
  const { objectiveList = exampleObjectives, ...rest } = parts
  return {
    objectives: new Map(objectiveList.map((one) => [one.name, one])),
    models: new Map(),
    shards: ['main'],
    contextKeys: new Map([
      ['member', 'string'],
      ['country', 'string'],
    ]),
    ...rest,
  }
}

export const recommendTitles = objective(
  'RECOMMEND_TITLES',
  { likedTitleIds: '[ID!]!', excludeTitleIds: '[ID!] = []', limit: 'Int = 10' },
  [
    output('items', {
      kind: 'list',
      of: { kind: 'record', fields: { title: { kind: 'entity', of: 'Title' }, score: { kind: 'Float' } } },
    }),
  ],
)

export const predictRating = objective(
  'PREDICT_RATING',
  { memberId: 'ID!', titleId: 'ID!', genres: '[String!]!', year: 'Int' },
  [output('rating', 'Float')],
)

export const exampleObjectives = [recommendTitles, predictRating]

export const recommendations = subgraph(
  'recommendations',
  `type Member @key(fields: "id") {
  id: ID!
  likedTitleIds: [ID!]! @external
  ratedTitleIds: [ID!]! @external
  "Titles this member is likely to like, best first."
  recommendedTitles(first: Int = 10): [RecommendedTitle!]
    @requires(fields: "likedTitleIds ratedTitleIds")
    @predict(objective: "RECOMMEND_TITLES", inputs: ["excludeTitleIds: parent.ratedTitleIds", "limit: args.first"])
}
type RecommendedTitle { title: Title  score: Float }
type Title @key(fields: "id") {
  id: ID!
  genres: [String!]! @external
  year: Int @external
  "How the member would rate this title, 0.5 to 5 stars."
  predictedRating(memberId: ID!): Float
    @requires(fields: "genres year")
    @predict(objective: "PREDICT_RATING", inputs: ["titleId: parent.id"])
}
`,
)

export const catalogSubgraph = source(
  'catalog',
  `${federation}
type Query { titles(first: Int!): [Title!]! }
type Title @key(fields: "id") { id: ID!  name: String  year: Int  genres: [String!]! }
`,
)

export const members = source(
  'members',
  `${federation}
type Query { member(id: ID!): Member }
type Member @key(fields: "id") { id: ID!  likedTitleIds: [ID!]!  ratedTitleIds: [ID!]! }
`,
)

export const exampleSubgraphs = [catalogSubgraph, members, recommendations]
