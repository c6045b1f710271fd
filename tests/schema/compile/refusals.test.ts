import { LoadError } from '../../../lib/errors'
import { compilePlan } from '../../../schema/compile/compilePlan'
import type { Catalog } from '../../../schema/fields/catalog'
import type { SubgraphSource } from '../../../schema/sdl/subgraphSources'
import { catalog, federation, model, objective, output, predict, source, subgraph } from '../fixture'

const score = objective('SCORE', { titleId: 'ID!' }, [output('score', 'Float')])
const rate = objective('RATE', { titleId: 'ID!', year: 'Int!', country: 'String' }, [
  output('rating', 'Float'),
  output('votes', 'Int'),
])
const similar = objective('SIMILAR', { ids: '[ID!]!' }, [
  output('items', {
    kind: 'list',
    of: {
      kind: 'record',
      fields: { title: { kind: 'entity', of: 'Title' }, score: { kind: 'Float' }, label: { kind: 'String' } },
    },
  }),
  output('other', { kind: 'list', of: { kind: 'record', fields: { score: { kind: 'Float' } } } }),
])
const best = objective('BEST', { titleId: 'ID!' }, [output('best', { kind: 'entity', of: 'Title' })])
const decide = objective('DECIDE', { titleId: 'ID!' }, [
  output('decision', { kind: 'enum', labels: ['APPROVE', 'REVIEW', 'DECLINE'] }),
])
const dated = objective('DATED', { titleId: 'ID!', year: 'Int' }, [output('score', 'Float')])
const device = objective(
  'DEVICE',
  {
    titleId: 'ID!',
    device: {
      name: 'device',
      type: { kind: 'enum', labels: ['TV', 'PHONE'] },
      nullable: true,
      onNull: 'missing',
    },
  },
  [output('score', 'Float')],
)

const models = new Map([
  ['rater@2', model({ titleId: 'ID!' }, [output('rating', 'Float')])],
  ['rater@10', model({ titleId: 'ID!', year: 'Int!' }, [output('rating', 'Float')])],
  ['scorer@1', model({ titleId: 'ID!' }, [{ name: 'score', type: undefined }])],
  ['changed@1', model({ titleId: 'ID!' }, [output('a', 'Float')])],
  ['changed@2', model({ titleId: 'ID!' }, [output('b', 'Float')])],
])

/** Compiles subgraph `films`, whose body starts in line 3, and answers the problems. */
function problemsOf(
  body: string,
  parts: Partial<Catalog> = {},
  others: readonly SubgraphSource[] = [],
): readonly string[] {
  try {
    compilePlan(
      [subgraph('films', body), ...others],
      catalog({
        objectiveList: [score, rate, similar, best, decide, device],
        models,
        shards: ['cpu', 'gpu'],
        ...parts,
      }),
    )
  } catch (error) {
    if (error instanceof LoadError) return error.problems
    throw error
  }
  return []
}

/** A title with one prediction field of its own in line 6. */
const title = (field: string, more = '') => `type Title @key(fields: "id") {
  id: ID!
  name: String
  ${field}
  ${more}
}`

interface Refusal {
  readonly of: string
  readonly body: string
  readonly others?: readonly SubgraphSource[]
  readonly catalog?: Partial<Catalog>
  readonly says: string | readonly string[]
}

const scored = '@predict(objective: "SCORE", inputs: ["titleId: parent.id"])'
const owner = source(
  'owner',
  `${federation}\ntype Query { a: Title }\ntype Title @key(fields: "id") { id: ID! year: Int! cast: [Person!]! } type Person { id: ID! }`,
)

const refusals: readonly Refusal[] = [
  {
    of: 'both objective and model',
    body: title('x: Float @predict(objective: "SCORE", model: "rater")'),
    says: 'subgraphs/films/schema.graphql:6 Title.x: must name one of objective and model, got both',
  },
  {
    of: 'neither objective nor model',
    body: title('x: Float @predict'),
    says: 'subgraphs/films/schema.graphql:6 Title.x: must name one of objective and model, got neither',
  },
  {
    of: 'an unknown objective',
    body: title('x: Float @predict(objective: "SCROE")'),
    says: 'subgraphs/films/schema.graphql:6 Title.x: objective must be a known one, got "SCROE"; did you mean "SCORE"?',
  },
  {
    of: 'an unknown model',
    body: title('x: Float @predict(model: "ratr@2")'),
    says: 'subgraphs/films/schema.graphql:6 Title.x: model must be a known one, got "ratr@2"; did you mean "rater"?',
  },
  {
    of: 'an unknown version',
    body: title('x: Float @predict(model: "rater@3")'),
    says: 'subgraphs/films/schema.graphql:6 Title.x: model must be a known version, got "rater@3"; known: 10, 2',
  },
  {
    of: 'an unknown shard',
    body: title(`x: Float ${scored.replace(')', ', shard: "gpus")')}`),
    says: 'subgraphs/films/schema.graphql:6 Title.x: shard must be a known one, got "gpus"; did you mean "gpu"?',
  },
  {
    of: 'a pinned model that is not placed on the shard',
    body: title('x: Float @predict(model: "rater@2", shard: "gpu", inputs: ["titleId: parent.id"])'),
    catalog: { shardsOf: () => ['cpu'] },
    says: 'subgraphs/films/schema.graphql:6 Title.x: shard must be one that rater@2 is placed on (cpu), got "gpu"',
  },
  {
    of: 'an unknown output',
    body: title(
      'x: Float @predict(objective: "RATE", output: "ratng", inputs: ["titleId: parent.id", "year: args.y"])'.replace(
        'x:',
        'x(y: Int!):',
      ),
    ),
    says: 'subgraphs/films/schema.graphql:6 Title.x: output must be one of RATE, got "ratng"; did you mean "rating"?',
  },
  {
    of: 'a scalar field and several outputs',
    body: title('x(year: Int!): Float @predict(objective: "RATE", inputs: ["titleId: parent.id"])'),
    says: 'subgraphs/films/schema.graphql:6 Title.x: must say which output of RATE it takes, got several; write output: "rating" or output: "votes"',
  },
  {
    of: 'an unknown input',
    body: title('x: Float @predict(objective: "SCORE", inputs: ["titleid: parent.id"])'),
    says: 'subgraphs/films/schema.graphql:6 Title.x: inputs must name inputs of SCORE, got "titleid"; did you mean "titleId"?',
  },
  {
    of: 'a malformed inputs entry',
    body: title('x: Float @predict(objective: "SCORE", inputs: ["titleId = parent.id"])'),
    says: 'subgraphs/films/schema.graphql:6 Title.x: inputs must hold entries such as "limit: args.first", from args, parent or context, got "titleId = parent.id"',
  },
  {
    of: 'an input mapped twice',
    body: title(
      'x(id: ID!): Float @predict(objective: "SCORE", inputs: ["titleId: parent.id", "titleId: args.id"])',
    ),
    says: 'subgraphs/films/schema.graphql:6 Title.x: inputs must name each input once, got "titleId" twice',
  },
  {
    of: 'an input that nobody supplies',
    body: title('x: Float @predict(objective: "SCORE")'),
    says: 'subgraphs/films/schema.graphql:6 Title.x: input "titleId" of SCORE (ID, required) must come from an argument, a parent field or a context key, got none of that name; write its source into inputs, such as "titleId: parent.id"',
  },
  {
    of: 'an input that a misspelt argument would supply',
    body: title('x(titelId: ID!): Float @predict(objective: "SCORE")'),
    says: 'subgraphs/films/schema.graphql:6 Title.x: input "titleId" of SCORE (ID, required) must come from an argument, a parent field or a context key, got none of that name; write its source into inputs, such as "titleId: args.titelId"',
  },
  {
    of: 'an input that only the field itself would supply',
    body: title(
      'x(year: Int!): Float @predict(objective: "RATE", output: "rating", inputs: ["titleId: parent.id"])',
      'titleId: Float @predict(objective: "SCORE")',
    ),
    says: 'subgraphs/films/schema.graphql:7 Title.titleId: input "titleId" of SCORE (ID, required) must come from an argument, a parent field or a context key, got none of that name; Title.titleId is predicted itself and cannot be a source',
  },
  {
    of: 'an input that only a field of another subgraph would supply',
    body: title('x: Float @predict(objective: "RATE", output: "rating", inputs: ["titleId: parent.id"])'),
    others: [owner],
    says: 'subgraphs/films/schema.graphql:6 Title.x: input "year" of RATE (Int, required) must come from an argument, a parent field or a context key, got none of that name; owner has Title.year: write "year: Int! @external" on Title, and @requires(fields: "year") here',
  },
  {
    of: 'an input that both an argument and the parent supply',
    body: title(
      'x(year: Int!): Float @predict(objective: "RATE", output: "rating", inputs: ["titleId: parent.id"])',
      'year: Int!',
    ),
    says: 'subgraphs/films/schema.graphql:6 Title.x: input "year" of RATE must have one source, got args.year and parent.year; write one into inputs: "year: args.year" or "year: parent.year"',
  },
  {
    of: 'an input that an argument, its fields or the context supply twice',
    body: `${title(
      'x(year: Int!, in: In, country: String): Float @predict(objective: "RATE", output: "rating", inputs: ["titleId: parent.id"])',
    )}input In { year: Int }`,
    says: [
      'subgraphs/films/schema.graphql:6 Title.x: input "year" of RATE must have one source, got args.year and args.in.year; write one into inputs: "year: args.year" or "year: args.in.year"',
      'subgraphs/films/schema.graphql:6 Title.x: input "country" of RATE must have one source, got args.country and context.country; write one into inputs: "country: args.country" or "country: context.country"',
    ],
  },
  {
    of: 'a nullable parent field for a required input',
    body: title(
      'x: Float @predict(objective: "RATE", output: "rating", inputs: ["titleId: parent.id"])',
      'year: Int',
    ),
    says: 'subgraphs/films/schema.graphql:6 Title.x: parent.year must be non-null for input "year" of RATE (Int, required, without default), got Int',
  },
  {
    of: 'a nullable argument with a default for a required input',
    body: title(
      'x(year: Int = 3): Float @predict(objective: "RATE", output: "rating", inputs: ["titleId: parent.id"])',
    ),
    says: 'subgraphs/films/schema.graphql:6 Title.x: args.year must be non-null for input "year" of RATE (Int, required, without default), got Int; write "year: Int! = 3", since a client may send null',
  },
  {
    of: 'a field of a nullable argument for a required input',
    body: `${title(
      'x(in: In): Float @predict(objective: "RATE", output: "rating", inputs: ["titleId: parent.id"])',
    )}input In { year: Int! }`,
    says: 'subgraphs/films/schema.graphql:6 Title.x: args.in.year must be non-null for input "year" of RATE (Int, required, without default), got Int',
  },
  {
    of: 'a String for an ID',
    body: title('x(titleId: String!): Float @predict(objective: "SCORE")'),
    says: 'subgraphs/films/schema.graphql:6 Title.x: args.titleId must be ID for input "titleId" of SCORE, got String!',
  },
  {
    of: 'a custom scalar',
    body: `${title('x(titleId: JSON!): Float @predict(objective: "SCORE")')}scalar JSON`,
    says: 'subgraphs/films/schema.graphql:6 Title.x: args.titleId must be ID for input "titleId" of SCORE, got JSON!',
  },
  {
    of: 'a list with nullable items',
    body:
      title('x(ids: [ID]!): [Hit] @predict(objective: "SIMILAR", output: "items")') +
      'type Hit { score: Float }',
    says: 'subgraphs/films/schema.graphql:6 Title.x: args.ids must be [ID!] for input "ids" of SIMILAR, got [ID]!',
  },
  {
    of: 'a single value for a list',
    body:
      title('x(ids: ID!): [Hit] @predict(objective: "SIMILAR", output: "items")') +
      'type Hit { score: Float }',
    says: 'subgraphs/films/schema.graphql:6 Title.x: args.ids must be [ID!] for input "ids" of SIMILAR, got ID!',
  },
  {
    of: 'a list within a list',
    body: `${title(
      'x: [Hit] @predict(objective: "SIMILAR", output: "items", inputs: ["ids: parent.cast.ids"])',
      'cast: [P!]!',
    )}type Hit { score: Float } type P { ids: [ID!]! }`,
    says: 'subgraphs/films/schema.graphql:6 Title.x: parent.cast.ids must be [ID!] for input "ids" of SIMILAR, got a list of lists of ID',
  },
  {
    of: 'an object for a scalar',
    body:
      title('x: Float @predict(objective: "SCORE", inputs: ["titleId: parent.p"])', 'p: P!') +
      'type P { ids: [ID!]! }',
    says: 'subgraphs/films/schema.graphql:6 Title.x: parent.p must be ID for input "titleId" of SCORE, got P!; continue to a field of P, such as "parent.p.ids"',
  },
  {
    of: 'an enum with a label that the input lacks',
    body:
      title('x(device: D): Float @predict(objective: "DEVICE", inputs: ["titleId: parent.id"])') +
      'enum D { TV WATCH }',
    says: 'subgraphs/films/schema.graphql:6 Title.x: args.device must be TV | PHONE for input "device" of DEVICE, got D (TV | WATCH)',
  },
  {
    of: 'a context text for an enum',
    body: title(
      'x: Float @predict(objective: "DEVICE", inputs: ["titleId: parent.id", "device: context.country"])',
    ),
    says: 'subgraphs/films/schema.graphql:6 Title.x: context.country must be TV | PHONE for input "device" of DEVICE, got the context\'s string',
  },
  {
    of: 'an unknown argument',
    body: title('x(first: ID!): Float @predict(objective: "SCORE", inputs: ["titleId: args.frist"])'),
    says: 'subgraphs/films/schema.graphql:6 Title.x: args.frist must start with an argument of the field, got "frist"; did you mean "first"?',
  },
  {
    of: 'an unknown parent field',
    body: title('x: Float @predict(objective: "SCORE", inputs: ["titleId: parent.idd"])'),
    says: 'subgraphs/films/schema.graphql:6 Title.x: parent.idd must continue with a field of Title, got "idd"; did you mean "id"?',
  },
  {
    of: 'a path through a scalar',
    body: title('x: Float @predict(objective: "SCORE", inputs: ["titleId: parent.id.x"])'),
    says: 'subgraphs/films/schema.graphql:6 Title.x: parent.id.x must continue with a field of ID, got "x"; none are known',
  },
  {
    of: 'an unknown context key',
    body: title('x: Float @predict(objective: "SCORE", inputs: ["titleId: context.membr"])'),
    says: 'subgraphs/films/schema.graphql:6 Title.x: context.membr must be a declared context key, got "membr"; did you mean "member"?',
  },
  {
    of: 'a parent source of a root field',
    body: 'type Query { a: Int x: Float @predict(objective: "SCORE", inputs: ["titleId: parent.a"]) }',
    says: 'subgraphs/films/schema.graphql:3 Query.x: parent.a must be args or context, since the fields of Query have no parent',
  },
  {
    of: 'a missing @external',
    body: title(
      'x: Float @predict(objective: "RATE", output: "rating", inputs: ["titleId: parent.id", "year: parent.year"])',
    ),
    others: [owner],
    says: 'subgraphs/films/schema.graphql:6 Title.x: parent.year must be a field that this subgraph declares, got one that only owner has; write "year: Int! @external" on Title, and name "year" in @requires',
  },
  {
    of: 'a missing @requires',
    body: title(
      'x: Float @predict(objective: "RATE", output: "rating", inputs: ["titleId: parent.id"])',
      'year: Int! @external',
    ),
    says: 'subgraphs/films/schema.graphql:6 Title.x: parent.year must stand in @requires, since another subgraph owns it, got no such directive; write @requires(fields: "year")',
  },
  {
    of: 'a @requires that lacks several fields, one of them misspelt',
    body: title(
      'x: Float @requires(fields: "yaer") @predict(objective: "RATE", output: "rating", inputs: ["titleId: parent.ref"])',
      'year: Int! @external ref: ID! @external',
    ),
    says: [
      'subgraphs/films/schema.graphql:6 Title.x: @requires must name fields that Title declares in this subgraph, got "yaer"; did you mean "year"?',
      'subgraphs/films/schema.graphql:6 Title.x: parent.ref, parent.year must stand in @requires, since another subgraph owns them, got @requires(fields: "yaer"); write @requires(fields: "ref year")',
    ],
  },
  {
    of: 'a @requires that does not cover the path',
    body: `${title(
      'x: [Hit] @requires(fields: "year") @predict(objective: "SIMILAR", output: "items", inputs: ["ids: parent.cast.id"])',
      'year: Int! @external cast: [P!]! @external',
    )}type Hit { score: Float } type P { id: ID! }`,
    says: 'subgraphs/films/schema.graphql:6 Title.x: parent.cast.id must stand in @requires, since another subgraph owns it, got @requires(fields: "year"); write @requires(fields: "year cast { id }")',
  },
  {
    of: 'a @requires of a field that another subgraph has',
    body: title(`x: Float @requires(fields: "year") ${scored}`),
    others: [owner],
    says: 'subgraphs/films/schema.graphql:6 Title.x: @requires must name fields that Title declares in this subgraph, got "year"; write "year: Int! @external" on Title',
  },
  {
    of: 'a @requires of a field that nobody has',
    body: title(`x: Float @requires(fields: "nme") ${scored}`),
    says: 'subgraphs/films/schema.graphql:6 Title.x: @requires must name fields that Title declares in this subgraph, got "nme"; did you mean "name"?',
  },
  {
    of: 'a @requires of a field without @external',
    body: title(`x: Float @requires(fields: "year") ${scored}`, 'year: Int!'),
    others: [owner],
    says: 'subgraphs/films/schema.graphql:6 Title.x: @requires must name @external fields, got Title.year without; write "year: Int! @external" on Title',
  },
  {
    of: "a @requires of the subgraph's own fields",
    body: title(`x: Float @requires(fields: "name id") ${scored}`),
    says: [
      'subgraphs/films/schema.graphql:6 Title.x: @requires must name @external fields, got Title.name without; remove "name", which is available without it',
      'subgraphs/films/schema.graphql:6 Title.x: @requires must name @external fields, got Title.id without; remove "id", which is available without it',
    ],
  },
  {
    of: 'a malformed @requires',
    body: title(`x: Float @requires(fields: "name {") ${scored}`),
    says: 'subgraphs/films/schema.graphql:6 Title.x: @requires must hold a field set such as "genres year", got "name {"',
  },
  {
    of: 'a @requires that names a field twice with different arguments',
    body: `${title(
      `x: Float @requires(fields: "cast(first: 1) { id } cast(first: 2) { id }") ${scored}`,
      'cast(first: Int): [P!]! @external',
    )}type P { id: ID! }`,
    says: 'subgraphs/films/schema.graphql:6 Title.x: @requires must name cast with one set of arguments, got cast(first: 1) and cast(first: 2)',
  },
  {
    of: "an interface's field",
    body: `interface Media { id: ID! x: Float ${scored}}`,
    says: 'subgraphs/films/schema.graphql:3 Media.x: must be a field of an object type, got one of the interface Media; write @predict on the types that implement it',
  },
  {
    of: 'an @external field',
    body: title(`x: Float @external ${scored}`),
    says: 'subgraphs/films/schema.graphql:6 Title.x: must be a field that this subgraph answers, got one that is @external',
  },
  {
    of: 'a mutation field',
    body: 'type Mutation { x(titleId: ID!): Float @predict(objective: "SCORE") }',
    says: 'subgraphs/films/schema.graphql:3 Mutation.x: must be a field of a query or an object, got one of the mutations',
  },
  {
    of: 'a subscription field',
    body: 'type Subscription { x(titleId: ID!): Float @predict(objective: "SCORE") }',
    says: 'subgraphs/films/schema.graphql:3 Subscription.x: must be a field of a query or an object, got one of the subscriptions',
  },
  {
    of: 'a field that also has a resolver',
    body: title(`x: Float ${scored}`),
    catalog: { hasResolver: (...path) => path.join('.') === 'films.Title.x' },
    says: 'subgraphs/films/schema.graphql:6 Title.x: must have no resolver, since a model answers it, got one in the resolvers of the subgraph; remove one of them',
  },
  {
    of: 'a non-null field',
    body: title(`x: Float! ${scored}`),
    says: 'subgraphs/films/schema.graphql:6 Title.x: must be nullable, since a row that cannot be predicted is null, got Float!; write Float',
  },
  {
    of: 'a shared field with two different @predict',
    body: title(`x: Float @shareable ${scored}`),
    others: [
      source(
        'other',
        `${federation}\n${predict}\ntype Title @key(fields: "id") { id: ID! x(titleId: ID!): Float @shareable @predict(objective: "SCORE") }`,
      ),
    ],
    says: 'subgraphs/other/schema.graphql:3 Title.x: must be predicted as in subgraphs/films/schema.graphql:6, which shares the field (@predict(objective: "SCORE", inputs: ["titleId: parent.id"])), got @predict(objective: "SCORE")',
  },
  {
    of: 'a shared field whose @predict finds an input elsewhere in the other subgraph',
    body: title('x(titleId: ID!, year: Int): Float @shareable @predict(objective: "DATED")'),
    others: [
      source(
        'other',
        `${federation}\n${predict}\ntype Title @key(fields: "id") { id: ID! year: Int @shareable x(titleId: ID!): Float @shareable @predict(objective: "DATED") }`,
      ),
    ],
    catalog: { objectives: new Map([['DATED', dated]]) },
    says: 'subgraphs/other/schema.graphql:3 Title.x: must take its inputs from where subgraphs/films/schema.graphql:6 does, which shares the field (year: args.year), got year: parent.year',
  },
  {
    of: 'a shared field that the other subgraph resolves',
    body: title(`x: Float @shareable ${scored}`),
    others: [source('other', `${federation}\ntype Title @key(fields: "id") { id: ID! x: Float @shareable }`)],
    says: 'subgraphs/films/schema.graphql:6 Title.x: must be predicted as in subgraphs/other/schema.graphql:2, which shares the field (without @predict), got @predict(objective: "SCORE", inputs: ["titleId: parent.id"])',
  },
  {
    of: 'a field that is being taken over, with a label, from a subgraph that predicts it in another way',
    body: title(`x: Float ${scored}`),
    others: [
      source(
        'other',
        `${federation}\n${predict}\ntype Title @key(fields: "id") { id: ID! x(titleId: ID!): Float @override(from: "films", label: "percent(50)") @predict(objective: "SCORE") }`,
      ),
    ],
    says: 'subgraphs/other/schema.graphql:3 Title.x: must be predicted as in subgraphs/films/schema.graphql:6, which shares the field (@predict(objective: "SCORE", inputs: ["titleId: parent.id"])), got @predict(objective: "SCORE"); @override in other has a label, with which a field never moves: write it without one',
  },
  {
    of: 'a field that is taken over from a subgraph that there is not',
    body: title(`x: Float ${scored}`),
    others: [
      source(
        'other',
        `${federation}\n${predict}\ntype Title @key(fields: "id") { id: ID! x(titleId: ID!): Float @override(from: "flims") @predict(objective: "SCORE") }`,
      ),
    ],
    says: 'subgraphs/other/schema.graphql:3 Title.x: must be predicted as in subgraphs/films/schema.graphql:6, which shares the field (@predict(objective: "SCORE", inputs: ["titleId: parent.id"])), got @predict(objective: "SCORE"); from of @override in other must be another subgraph (films), got flims; did you mean "films"?',
  },
  {
    of: 'a prediction that requires itself, by way of another subgraph',
    body: title(
      'x: Float @requires(fields: "y") @predict(objective: "SCORE", inputs: ["titleId: parent.id"])',
      'y: Float @external',
    ),
    others: [
      source(
        'other',
        `${federation}\ntype Title @key(fields: "id") { id: ID! x: Float @external y: Float @requires(fields: "x") }`,
      ),
    ],
    says: 'subgraphs/films/schema.graphql:6 Title.x: @requires must not lead back to the field, got Title.x -> Title.y -> Title.x',
  },
  {
    of: 'a source that is predicted itself',
    body: title(
      'x: Float @predict(objective: "SCORE", inputs: ["titleId: parent.y"])',
      'y: Float @predict(objective: "SCORE", inputs: ["titleId: parent.id"])',
    ),
    says: 'subgraphs/films/schema.graphql:6 Title.x: parent.y must lead through no prediction, got Title.y, which is predicted itself',
  },
  {
    of: 'the field itself as a source',
    body: title('titleId: Float @predict(objective: "SCORE", inputs: ["titleId: parent.titleId"])'),
    says: 'subgraphs/films/schema.graphql:6 Title.titleId: parent.titleId must lead through no prediction, got Title.titleId, which is predicted itself',
  },
  {
    of: 'a source with a required argument',
    body: title(
      'x: Float @predict(objective: "SCORE", inputs: ["titleId: parent.idIn"])',
      'idIn(lang: String!): ID!',
    ),
    says: 'subgraphs/films/schema.graphql:6 Title.x: parent.idIn must be read without arguments, got Title.idIn, which requires "lang"',
  },
  {
    of: 'a path from an own field into one of another subgraph',
    body:
      title('x: Float @predict(objective: "SCORE", inputs: ["titleId: parent.p.code"])', 'p: P!') +
      'type P @key(fields: "id") { id: ID! code: ID! @external }',
    says: 'subgraphs/films/schema.graphql:6 Title.x: parent.p.code must lead through fields that this subgraph answers, got P.code, which another one owns, within a field of its own',
  },
  {
    of: 'a path through an interface',
    body:
      title('x: Float @predict(objective: "SCORE", inputs: ["titleId: parent.p.id"])', 'p: P!') +
      'interface P { id: ID! } type Q implements P { id: ID! }',
    says: 'subgraphs/films/schema.graphql:6 Title.x: parent.p.id must lead through object types, got P.id of an interface',
  },
  {
    of: 'an Int field for a Float output',
    body: title(`x: Int ${scored}`),
    says: 'subgraphs/films/schema.graphql:6 Title.x: must be Float, as output "score" of SCORE is, got Int',
  },
  {
    of: 'a custom scalar for an output',
    body: `${title(`x: JSON ${scored}`)}scalar JSON`,
    says: 'subgraphs/films/schema.graphql:6 Title.x: must be Float, as output "score" of SCORE is, got JSON',
  },
  {
    of: 'a list field for a single output',
    body: title(`x: [Float] ${scored}`),
    says: 'subgraphs/films/schema.graphql:6 Title.x: must be Float, as output "score" of SCORE is, got [Float]',
  },
  {
    of: 'an interface as a value',
    body: `${title(`x: P ${scored}`)}interface P { id: ID! } type Q implements P { id: ID! }`,
    says: 'subgraphs/films/schema.graphql:6 Title.x: must be a scalar, an enum, an object type or a list of one of them, got P',
  },
  {
    of: 'an enum that lacks a label',
    body:
      title('x: D @predict(objective: "DECIDE", inputs: ["titleId: parent.id"])') +
      'enum D { APPROVE REVIEW }',
    says: 'subgraphs/films/schema.graphql:6 Title.x: must be an enum with every label of output "decision" of DECIDE (APPROVE, REVIEW, DECLINE), got D without DECLINE',
  },
  {
    of: 'object fields that are no outputs or of another type',
    body: `${title(`x: O ${scored}`)}type O { scroe: Float score: String }`,
    says: [
      'subgraphs/films/schema.graphql:6 Title.x: O.scroe must be an output of SCORE, got "scroe"; did you mean "score"?',
      'subgraphs/films/schema.graphql:6 Title.x: O.score must be Float, as output "score" of SCORE is, got String',
    ],
  },
  {
    of: 'output beside an object type',
    body: `${title(`x: O ${scored.replace(')', ', output: "score")')}`)}type O { score: Float }`,
    says: 'subgraphs/films/schema.graphql:6 Title.x: output must be left out, since the fields of O are outputs by name, got "score"',
  },
  {
    of: 'several outputs that are lists of records',
    body: `${title('x(ids: [ID!]!): [O] @predict(objective: "SIMILAR")')}type O { score: Float }`,
    says: 'subgraphs/films/schema.graphql:6 Title.x: must say which output of SIMILAR it takes, got several; write output: "items" or output: "other"',
  },
  {
    of: 'record fields that are no outputs or of another type',
    body:
      title('x(ids: [ID!]!): [O] @predict(objective: "SIMILAR", output: "items")') +
      'type O { scor: Float title: Title! label: Int }',
    says: [
      'subgraphs/films/schema.graphql:6 Title.x: O.scor must be a field of output "items" of SIMILAR, got "scor"; did you mean "score"?',
      'subgraphs/films/schema.graphql:6 Title.x: O.label must be String, as "label" of output "items" of SIMILAR is, got Int',
    ],
  },
  {
    of: 'an entity field without an entity output',
    body: title('x(ids: [ID!]!): Title @predict(objective: "SIMILAR")'),
    says: 'subgraphs/films/schema.graphql:6 Title.x: must be of the type of an output of SIMILAR (items, other), got Title',
  },
  {
    of: 'an entity with another key than its id',
    body: 'type Title @key(fields: "isbn") { isbn: ID! id: ID! x: Title @predict(objective: "BEST", inputs: ["titleId: parent.id"]) }',
    says: 'subgraphs/films/schema.graphql:3 Title.x: Title must be an entity with its id as a key, since a prediction brings no more, got other keys; write: type Title @key(fields: "id", resolvable: false)',
  },
  {
    of: 'an entity type without a key',
    body: 'type Title { id: ID! x: Title @predict(objective: "BEST", inputs: ["titleId: parent.id"]) }',
    says: 'subgraphs/films/schema.graphql:3 Title.x: Title must be an entity with its id as a key, since a prediction brings no more, got no key; write: type Title @key(fields: "id", resolvable: false)',
  },
  {
    of: 'a pinned model of which one version does not fit',
    body: title('x: Float @predict(model: "rater", inputs: ["titleId: parent.id"])'),
    says: 'subgraphs/films/schema.graphql:6 Title.x: input "year" of rater@10 (Int, required) must come from an argument, a parent field or a context key, got none of that name',
  },
  {
    of: 'a pinned model whose versions have different outputs',
    body: title('x: Float @predict(model: "changed", inputs: ["titleId: parent.id"])'),
    says: 'subgraphs/films/schema.graphql:6 Title.x: must take the same output of every version, got b of changed@2 and a of changed@1; pin one version',
  },
  {
    of: 'an output of unknown type for a custom scalar',
    body: `${title('x: JSON @predict(model: "scorer@1", inputs: ["titleId: parent.id"])')}scalar JSON`,
    says: 'subgraphs/films/schema.graphql:6 Title.x: must be of a type that output "score" of scorer@1 can have, got JSON',
  },
]
describe('a schema is refused, with file, line, field, what must be and what came', () => {
  it.each(refusals)('$of', ({ body, catalog, others, says }) => {
    expect(problemsOf(body, catalog, others)).toEqual(typeof says === 'string' ? [says] : says)
  })
})

it.each([
  ['x: Int @predcit(objective: "SCORE")', 'Unknown directive "@predcit"; did you mean "@predict"?'],
  [
    'x: Int @predict(objectiv: "SCORE")',
    'Unknown argument "objectiv" on directive "@predict"; did you mean "objective"?',
  ],
  ['x: Strin', 'Unknown type Strin; did you mean "String"?'],
  ['x: Titel', 'Unknown type Titel; did you mean "Title"?'],
])('tells what was probably meant by a name that no schema has: %s', (field, says) => {
  expect(problemsOf(title(field))).toEqual([
    expect.stringMatching(
      new RegExp(`^subgraphs/films/schema.graphql:\\d+:\\d+: ${says.replace('?', '\\?')}$`),
    ),
  ])
})

it('a prediction may require fields that are reached on very many ways', () => {
  const layers = Array.from({ length: 40 }, (_, layer) => layer)
  /** Two fields a layer; each requires both of the next layer, which the other subgraph answers. */
  const answers = (of: number) =>
    layers.flatMap((layer) =>
      ['a', 'b'].map((name) => {
        if (layer % 2 !== of) return `${name}${layer}: Float @external`
        const next = layer + 1
        return `${name}${layer}: Float${next < layers.length ? ` @requires(fields: "a${next} b${next}")` : ''}`
      }),
    )
  const type = (fields: readonly string[]) =>
    `${federation}\ntype Title @key(fields: "id") { id: ID! ${fields.join(' ')} }`
  const films = title(
    'x: Float @requires(fields: "a0 b0") @predict(objective: "SCORE", inputs: ["titleId: parent.id"])',
    'a0: Float @external b0: Float @external',
  )
  expect(problemsOf(films, {}, [source('even', type(answers(0))), source('odd', type(answers(1)))])).toEqual(
    [],
  )
})

it('shows how another subgraph declares a type that is unknown here', () => {
  const other = subgraph(
    'shop',
    'type Query { kind: Kind price: Price } "Kinds of titles" enum Kind { "On film" FILM SERIES } scalar Price',
  )
  const problems = problemsOf(title('x: Kind y: Price'), {}, [other])
  expect(problems.map((problem) => problem.replace(/^.*?: /, ''))).toEqual([
    'Unknown type Kind; declare it here too, as shop has it: enum Kind { FILM SERIES }',
    'Unknown type Price; declare it here too, as shop has it',
  ])
})

it('tells all problems of all fields and subgraphs at once', () => {
  const other = subgraph('other', 'type Query { y: Float @predict(objective: "SCORE") z: Nowhere }')
  expect(
    problemsOf(`${title('x: Float! @predict(objective: "SCORE")')} type Broken { id: Missing }`, {}, [other]),
  ).toEqual([
    'subgraphs/films/schema.graphql:8:21: Unknown type Missing',
    'subgraphs/other/schema.graphql:3:55: Unknown type Nowhere',
  ])
})
