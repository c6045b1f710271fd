import { LoadError } from '../../../lib/errors'
import { compileRouter } from '../../../routing/compile/compileRouter'
import { checkRuleSet, parseRuleSet } from '../../../routing/parse/parseRuleSet'
import type { KnownNames, ObjectiveContract } from '../../../routing/ruleSet/knownNames'

const known: KnownNames = {
  objectives: new Map<string, ObjectiveContract>([
    ['PREDICT_RATING', { inputs: [] }],
    ['SEARCH_TITLES', { inputs: [] }],
  ]),
  models: new Set(['rating-predictor@1', 'rating-predictor@2', 'title-search@1']),
  serves: new Map([
    ['rating-predictor@1', ['PREDICT_RATING']],
    ['title-search@1', ['SEARCH_TITLES']],
  ]),
  shards: new Set(['main', 'text', 'large']),
  asked: new Map([['PREDICT_RATING', 'Title.predictedRating']]),
  fieldShards: new Map(),
  pins: [],
  contextTypes: new Map(),
  freeKeys: new Set(),
}

const parse = (text: string) => parseRuleSet(text, 'rules.yaml')

function problemsOf(run: () => unknown): readonly string[] {
  try {
    run()
  } catch (error) {
    if (error instanceof LoadError) return error.problems
    throw error
  }
  return []
}

describe('placement', () => {
  const ruleSet = parse(`
objectives:
  PREDICT_RATING: { default: rating-predictor@2 }
  SEARCH_TITLES: { default: title-search@1 }
placement: { "*": main, title-search: [text, main], rating-predictor@2: large }
`)
  const router = compileRouter(ruleSet, known.objectives)

  it('takes name@version before name before *', () => {
    expect(router.for('PREDICT_RATING').decide({})).toEqual({
      objective: 'PREDICT_RATING',
      model: 'rating-predictor@2',
      shard: 'large',
      reason: 'default',
    })
  })

  it('takes the first shard of a list, unless the field names another of them', () => {
    expect(router.for('SEARCH_TITLES').decide({}).shard).toBe('text')
    expect(router.for('SEARCH_TITLES', 'main').decide({}).shard).toBe('main')
  })

  it('is main where nothing is said', () => {
    const bare = compileRouter(
      parse('objectives: { PREDICT_RATING: { default: rating-predictor@2 } }'),
      known.objectives,
    )
    expect(bare.for('PREDICT_RATING').decide({}).shard).toBe('main')
  })

  it('decides once per request: the same decision for every row', () => {
    const objective = router.for('PREDICT_RATING')
    expect(objective.perRow).toBe(false)
    expect(objective.decideRow({}, [], 3)).toBe(objective.decide({}))
  })
})

describe('refused', () => {
  it('more than 20,000 rules of an objective', () => {
    const withRules = (count: number) => ({
      objectives: {
        SEARCH_TITLES: {
          default: 'title-search@1',
          rules: Array.from({ length: count }, (_, at) => ({ name: `r${at}`, use: 'title-search@1' })),
        },
      },
    })
    expect(problemsOf(() => checkRuleSet(withRules(20_000), 'f', undefined))).toEqual([])
    expect(problemsOf(() => checkRuleSet(withRules(20_001), 'f', undefined))).toEqual([
      'f: objectives.SEARCH_TITLES.rules: must have at most 20000 rules, got 20001',
    ])
  })

  it('a shape that is wrong, with the path and what came', () => {
    expect(
      problemsOf(() =>
        parse('objectives: { PREDICT_RATING: { default: rating-predictor, shadow: 3 } }\nplacment: {}'),
      ),
    ).toEqual([
      'rules.yaml:2: placment: is not one of the keys objectives, message, experiments, placement; did you mean "placement"?',
      'rules.yaml:1: objectives.PREDICT_RATING.default: must be a version of a model, written name@version, got "rating-predictor"',
      'rules.yaml:1: objectives.PREDICT_RATING.shadow: must be a list of shadows, got 3',
    ])
  })

  it('a file that is not YAML, with its line', () => {
    expect(problemsOf(() => parse('objectives: {\n  PREDICT_RATING: [}'))[0]).toMatch(
      /^rules\.yaml:2:\d+: must be YAML, got: /,
    )
  })

  it.each([
    ['objectives: [', /^1:14: must be YAML, got: /],
    [`\n${'['.repeat(300)}`, /^2: must not be nested deeper/],
    ['{ "objectives": {}, "objectives": {} }', /^objectives: must be given only once$/],
    [' '.repeat(2 ** 24 + 1), /^must have at most 16777216 characters/],
  ])('a text without a name, with the place alone: %#', (text, problem) => {
    expect(problemsOf(() => parseRuleSet(text, ''))[0]).toMatch(problem)
  })

  it('prototype keys', () => {
    expect(problemsOf(() => parse('objectives: { __proto__: { default: a@1 } }'))).toEqual([
      'rules.yaml: objectives.__proto__: no key may be named __proto__',
    ])
  })

  it('all unknown names at once', () => {
    const ruleSet = parse(`
objectives: { PREDICT_RATINGS: { default: rating-predictr@1 }, PREDICT_RATING: { default: rating-predictor@9 } }
placement: { rating-predicter: main, "*": [main, slow] }
`)
    expect(problemsOf(() => checkRuleSet(ruleSet, 'rules.yaml', known))).toEqual([
      'rules.yaml: objectives.PREDICT_RATINGS: must be an objective (PREDICT_RATING, SEARCH_TITLES), got PREDICT_RATINGS; did you mean "PREDICT_RATING"?',
      'rules.yaml: objectives.PREDICT_RATINGS.default: must be a version of the repository (rating-predictor@1, rating-predictor@2, title-search@1), got rating-predictr@1; did you mean "rating-predictor@1"?',
      'rules.yaml: objectives.PREDICT_RATING.default: must be a version of the repository (rating-predictor@1, rating-predictor@2), got rating-predictor@9',
      'rules.yaml: placement.rating-predicter: must be a model, name@version or * (rating-predictor, title-search), got rating-predicter; did you mean "rating-predictor"?',
      'rules.yaml: placement.*.1: must be a shard (large, main, text), got slow',
    ])
  })

  it('what was meant by the first hundred names, since each takes time', () => {
    const rules = Array.from({ length: 200 }, (_, at) => ({ name: `r${at}`, use: `rating-predictr@${at}` }))
    const ruleSet = { objectives: { PREDICT_RATING: { rules, default: 'rating-predictor@1' } } }
    const problems = problemsOf(() => checkRuleSet(ruleSet, 'rules.yaml', known))
    expect(problems).toHaveLength(200)
    expect(problems.findIndex((problem) => !problem.includes('did you mean'))).toBe(100)
    expect(problems[100]).toMatch(/: must be a version of the repository, got rating-predictr@100$/)
  })

  it.each([
    ['use', { use: { experiment: 'unknown' } }, 'must be an experiment, got "unknown"'],
    ['when.contry', { use: 'rating-predictor@1', when: { contry: 'CH' } }, 'is not a declared context key'],
  ])(
    'which names there are in %s with the first hundred problems, since they may be many',
    (_, rule, last) => {
      const rules = Array.from({ length: 200 }, (__, at) => ({ name: `r${at}`, ...rule }))
      const ruleSet = { objectives: { PREDICT_RATING: { rules, default: 'rating-predictor@1' } } }
      const names = { ...known, contextKeys: new Set(['country']) }
      const problems = problemsOf(() => checkRuleSet(ruleSet, 'rules.yaml', names))
      expect(problems).toHaveLength(200)
      expect(problems.findIndex((problem) => problem.endsWith(last))).toBe(100)
    },
  )

  it('an objective that fields ask for and no rule answers', () => {
    const ruleSet = parse('objectives: { SEARCH_TITLES: { default: title-search@1 } }')
    const problem =
      'rules.yaml: objectives.PREDICT_RATING: must have a default, since prediction fields ask for it, such as Title.predictedRating, got nothing'
    expect(problemsOf(() => checkRuleSet(ruleSet, 'rules.yaml', { ...known, serves: new Map() }))).toEqual([
      problem,
    ])
    const serves = new Map(
      [9, 10, 2].map((version) => [`rating-predictor@${version}`, ['PREDICT_RATING']] as const),
    )
    expect(problemsOf(() => checkRuleSet(ruleSet, 'rules.yaml', { ...known, serves }))).toEqual([
      `${problem}; write PREDICT_RATING: { default: rating-predictor@10 }`,
    ])
  })

  it('a version that does not serve the objective', () => {
    const ruleSet = parse('objectives: { PREDICT_RATING: { default: title-search@1 } }')
    expect(problemsOf(() => checkRuleSet(ruleSet, 'rules.yaml', known))).toEqual([
      'rules.yaml: objectives.PREDICT_RATING.default: must serve PREDICT_RATING, got title-search@1, which serves SEARCH_TITLES',
    ])
  })

  it('a version that is not placed on a shard that a field names', () => {
    const ruleSet = parse('objectives: { PREDICT_RATING: { default: rating-predictor@1 } }')
    const fieldShards = new Map([['PREDICT_RATING', new Set(['large'])]])
    expect(problemsOf(() => checkRuleSet(ruleSet, 'rules.yaml', { ...known, fieldShards }))).toEqual([
      'rules.yaml: objectives.PREDICT_RATING.default: must be placed on large, which a field of PREDICT_RATING names, got main',
    ])
  })

  it('a version that no entry places where there is no shard main', () => {
    const pins = [{ field: 'Title.terms', model: 'title-search' }]
    const names = { ...known, shards: new Set(['text', 'large']), pins }
    const check = (placement: string) => {
      const text = `objectives: { PREDICT_RATING: { default: rating-predictor@1 } }\n${placement}`
      return problemsOf(() => checkRuleSet(parse(text), 'rules.yaml', names))
    }
    const refusal = (versions: string) =>
      `rules.yaml: placement: must put ${versions} on a shard (large, text), got nothing, which stands for main; name the shard here, such as { "*": large }, or configure a shard main`
    expect(check('')).toEqual([refusal('rating-predictor@1, title-search@1')])
    expect(check('placement: { rating-predictor@1: large }')).toEqual([refusal('title-search@1')])
    expect(check('placement: { rating-predictor@1: large, title-search: text }')).toEqual([])
    expect(check('placement: { "*": text }')).toEqual([])
  })
})

test('a key of a condition that is none is one problem, whatever its value', () => {
  const rules = 'rules: [{ name: a, when: { country.in: [DE] }, use: rating-predictor@1 }]'
  const text = `objectives: { PREDICT_RATING: { ${rules}, default: rating-predictor@1 } }`
  expect(problemsOf(() => parse(text))).toEqual([
    'rules.yaml: objectives.PREDICT_RATING.rules.0.when.country.in: must be a context key, input.NAME, all, any or not, got "country.in"',
  ])
})
