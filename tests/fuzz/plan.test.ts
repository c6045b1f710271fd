import fc from 'fast-check'
import { LoadError } from '../../lib/errors'
import { compilePlan } from '../../schema/compile/compilePlan'
import {
  catalog,
  catalogSubgraph,
  exampleObjectives,
  federation,
  model,
  objective,
  output,
  predict,
  recommendations,
  source,
} from '../schema/fixture'
import { anyText, anyValue, editedText } from './arbitraries'

const decide = objective('DECIDE', { titleId: 'ID!', level: 'Int = 3' }, [
  output('decision', { kind: 'enum', labels: ['YES', 'NO'] }),
  output('score', 'Float'),
  output('best', { kind: 'entity', of: 'Title' }),
])
const known = catalog({
  objectiveList: [...exampleObjectives, decide],
  models: new Map([
    ['rater@2', model({ titleId: 'ID!' }, [output('rating', 'Float')])],
    ['rater@10', model({ titleId: 'ID!', year: 'Int!' }, [output('rating', 'Float')])],
    ['scorer@1', model({ titleId: 'ID!' }, [{ name: 'score', type: undefined }])],
  ]),
  shards: ['main', 'gpu'],
  shardsOf: (key) => (key === 'rater@2' ? ['gpu'] : ['main']),
  hasResolver: (_, __, field) => field === 'taken',
})

const names =
  'id year genres titleId memberId member country score rating decision best items level limit'.split(' ')
const name = fc.oneof(
  { weight: 12, arbitrary: fc.constantFrom(...names) },
  { weight: 1, arbitrary: fc.constantFrom('__proto__', 'constructor', 'toString', 'nothing', '') },
  { weight: 1, arbitrary: anyText },
)
const inputMapping = fc.oneof(
  {
    weight: 6,
    arbitrary: fc
      .tuple(
        name,
        fc.constantFrom('args', 'parent', 'context', 'other', ''),
        name,
        fc.constantFrom('', '.id', '.', ' '),
      )
      .map(([input, kind, from, tail]) => `${input}: ${kind}.${from}${tail}`),
  },
  { weight: 1, arbitrary: anyText },
)
const objectiveName = fc.constantFrom(
  'PREDICT_RATING',
  'PREDICT_RATING',
  'DECIDE',
  'RECOMMEND_TITLES',
  'NOTHING',
  '__proto__',
)
const modelName = fc.constantFrom('rater', 'rater@2', 'rater@99', 'scorer@1', '@', 'constructor')
const argument = fc.oneof(
  { weight: 6, arbitrary: objectiveName.map((value) => `objective: ${text(value)}`) },
  { weight: 2, arbitrary: modelName.map((value) => `model: ${text(value)}`) },
  { weight: 2, arbitrary: fc.constantFrom('main', 'gpu', 'none').map((value) => `shard: ${text(value)}`) },
  {
    weight: 4,
    arbitrary: fc.array(inputMapping, { maxLength: 3 }).map((all) => `inputs: [${all.map(text).join(', ')}]`),
  },
  { weight: 3, arbitrary: name.map((value) => `output: ${text(value)}`) },
  {
    weight: 1,
    arbitrary: anyValue.map(
      (value) => `inputs: ${JSON.stringify(value)?.replace(/"([A-Za-z_]+)":/g, '$1:')}`,
    ),
  },
)
const fieldType = fc.constantFrom(
  'Float',
  'Float',
  'Float!',
  '[Float]',
  'Int',
  'ID',
  'Title',
  '[Title!]',
  'Verdict',
  'Sort',
  'Pair',
  '[Pair!]',
  'Nothing',
)
const fieldArguments = fc.constantFrom(
  '',
  '(memberId: ID!)',
  '(memberId: ID!)',
  '(memberId: ID, level: Int = 7)',
  '(memberId: [ID!]!, id: ID!)',
  '(memberId: Nothing)',
  '(memberId: Query)',
)
const requires = fc.oneof(
  { weight: 4, arbitrary: fc.constant('@requires(fields: "genres year")') },
  { weight: 1, arbitrary: fc.constant('') },
  { weight: 1, arbitrary: fc.constant('@requires(fields: "guess")') },
  {
    weight: 2,
    arbitrary: fc
      .array(fc.oneof(name, fc.constantFrom('{', '}', '...', '(a: 1)')), { maxLength: 5 })
      .map((parts) => `@requires(fields: ${text(parts.join(' '))})`),
  },
)
/** The part of a good field, most of the time: so that a mistake stands alone and the checks behind it are reached. */
function mostly<T>(good: T, other: fc.Arbitrary<T>): fc.Arbitrary<T> {
  return fc.oneof({ weight: 3, arbitrary: fc.constant(good) }, { weight: 2, arbitrary: other })
}

const field = fc
  .tuple(
    mostly('guess', fc.constantFrom('taken', 'id', 'other')),
    mostly('(memberId: ID!)', fieldArguments),
    mostly('Float', fieldType),
    mostly('@requires(fields: "genres year")', requires),
    mostly(
      ['objective: "PREDICT_RATING"', 'inputs: ["titleId: parent.id"]'],
      fc.uniqueArray(argument, { maxLength: 4, selector: (one) => one.split(':')[0] }),
    ),
    fc.constantFrom(
      '',
      '',
      '',
      '@external',
      '@shareable',
      '@override(from: "catalog")',
      '@predict(objective: "DECIDE")',
    ),
  )
  .map(([called, args, type, required, parts, more]) => {
    return `${called}${args}: ${type} ${required} @predict${parts.length > 0 ? `(${parts.join(', ')})` : ''} ${more}`
  })

const schema = fc
  .tuple(
    fc.array(field, { minLength: 1, maxLength: 1 }),
    fc.constantFrom(
      'type Title @key(fields: "id")',
      'extend type Title @key(fields: "id")',
      'interface Title',
      'type Query',
    ),
    fc.constantFrom(
      predict,
      predict,
      predict,
      predict,
      '',
      predict.replace('v1.0', 'v9.9'),
      predict.replace('"]', '", "@x"]'),
    ),
  )
  .map(
    ([fields, head, link]) => `${federation}
${link}
${head} { id: ID! genres: [String!]! @external year: Int @external
  ${fields.join('\n  ')} }
enum Verdict { YES NO } enum Sort { UP }
type Pair { title: Title score: Float }
`,
  )

test('2,000 subgraphs with @predict: a plan, or a LoadError of lines that name their file', () => {
  const sdl = fc.oneof(
    { weight: 9, arbitrary: schema },
    { weight: 1, arbitrary: editedText([recommendations.sdl]) },
  )
  const counts = { planned: 0, refused: 0 }
  fc.assert(
    fc.property(sdl, fc.nat(9), (text, alone) => {
      const own = source('films', text)
      try {
        const plan = compilePlan(alone > 0 ? [own] : [catalogSubgraph, own], known)
        if (!Object.isFrozen(plan)) throw new Error('not frozen')
        if (JSON.stringify(plan).length > 100_000) throw new Error('too large')
        counts.planned++
      } catch (error) {
        if (!(error instanceof LoadError)) throw error
        requireLines(error.problems)
        counts.refused++
      }
    }),
    { seed: 305, numRuns: 2_000 },
  )
  expect(counts.planned).toBeGreaterThan(40)
  expect(counts.refused).toBeGreaterThan(1000)
})

function requireLines(problems: readonly string[]): void {
  if (problems.length === 0) throw new Error('refused without a problem')
  for (const problem of problems) {
    if (!/^subgraphs\/(films|catalog)\/schema\.graphql\b/.test(problem))
      throw new Error(`without its file: ${problem}`)
    if (/\bBug\b/.test(problem)) throw new Error(problem)
    if (problem.length > 20_000) throw new Error(`grows with its input: ${problem.length} characters`)
  }
}

function text(value: string): string {
  return JSON.stringify(value)
}
