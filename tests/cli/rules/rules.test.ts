import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { packageRoot } from '../../../lib/packagePaths'
import { runPresage } from '../../support/presageCommand'
import { presageHere } from '../../support/presageHere'

const folder = mkdtempSync(join(tmpdir(), 'presage-rules-'))

function file(name: string, content: string): string {
  writeFileSync(join(folder, name), content)
  return join(folder, name)
}

const cases = (model: string) =>
  JSON.stringify({
    says: 'own rules',
    objectives: { RATE: { unit: 'context.member', inputs: {} } },
    models: ['rater@1', 'rater@2'],
    ruleSet: { objectives: { RATE: { default: 'rater@1' } } },
    cases: [
      { says: 'first', objective: 'RATE', context: {}, expect: { model } },
      { says: 'second', objective: 'RATE', context: {}, expect: { shard: 'main' } },
    ],
  })

describe('presage rules test', () => {
  it('passes where all cases hold, of all files', async () => {
    const good = file('good.json', cases('rater@1'))
    expect(await presageHere(['rules', 'test', good, 'tests/specs/routing/hash.json'])).toEqual({
      code: 0,
      out: '12 cases hold\n',
      err: '',
    })
  })

  it('prints what differs and fails, and needs no configuration', async () => {
    const bad = file('bad.json', cases('rater@2'))
    expect(await runPresage(['rules', 'test', bad], folder)).toEqual({
      code: 1,
      out: '1 case holds\n',
      err: `${bad}: own rules: first: model: must be "rater@2", got "rater@1"\n1 problem\n`,
    })
  })

  it('names a file that is missing, that is no file of cases, and goes on with the others', async () => {
    const other = file('other.json', '{"says": 4}')
    const good = file('good.json', cases('rater@1'))
    const { code, out, err } = await presageHere(['rules', 'test', join(folder, 'none.json'), other, good])
    expect(code).toBe(1)
    expect(out).toBe('2 cases hold\n')
    expect(err).toContain('none.json: must be a readable file, got no such file\n')
    expect(err).toContain(`${other}: says: must say in words what should hold, got 4\n`)
  })
})

describe('presage rules test of a file that leaves out objectives and models', () => {
  const ruleSet = relative(folder, join(packageRoot, 'examples/streaming/rules.yaml'))
  const ownRules = file(
    'own.yaml',
    `
objectives:
  PREDICT_RATING: { default: rating-predictor@3 }
`,
  )
  const group = (changes: object) =>
    JSON.stringify({
      says: 'the deployment',
      ruleSet,
      cases: [{ says: 'first', objective: 'PREDICT_RATING', context: {}, expect: { shard: 'main' } }],
      ...changes,
    })

  it('takes those of the deployment', async () => {
    expect(await presageHere(['rules', 'test', file('left-out.json', group({}))])).toEqual({
      code: 0,
      out: '1 case holds\n',
      err: '',
    })
  })

  it('checks the rules as validate does, unless the file names what they are checked against', async () => {
    const { code, err } = await presageHere([
      'rules',
      'test',
      file('own.json', group({ ruleSet: 'own.yaml' })),
    ])
    expect(code).toBe(1)
    expect(err).toContain('the deployment: refused: objectives.PAYMENT_RISK: ')
    const objectives = { PREDICT_RATING: {} }
    const named = file('named.json', group({ ruleSet: 'own.yaml', objectives }))
    expect(await presageHere(['rules', 'test', named])).toMatchObject({ code: 0, out: '1 case holds\n' })
    const models = ['rating-predictor@2']
    const other = file('other-models.json', group({ ruleSet: 'own.yaml', objectives, models }))
    expect((await presageHere(['rules', 'test', other])).err).toContain(
      'must be a version of the repository (rating-predictor@2), got rating-predictor@3',
    )
  })

  it('says what it needs where there is no configuration', async () => {
    const { code, err } = await presageHere(
      ['rules', 'test', file('left-out.json', group({ ruleSet: ownRules.slice(folder.length + 1) }))],
      folder,
    )
    expect(code).toBe(1)
    expect(err).toContain('objectives: must be given where there is no presage.yaml, got nothing\n')
    expect(err).toContain('models: must be given where there is no presage.yaml, got nothing\n')
  })
})

describe('presage rules validate', () => {
  it('passes on the rules of the deployment', async () => {
    const { code, out } = await runPresage(['rules', 'validate'])
    expect(code).toBe(0)
    expect(out).toMatch(
      /^examples\/streaming\/rules\.yaml is fit to be published: 5 objectives, \d+ rules?$/m,
    )
  })

  it('lists every problem with its line and path, and fails', async () => {
    const rules = file(
      'refused.yaml',
      `
objectives:
  PREDICT_RATING:
    rules: [ { name: a, when: { country: { inn: [DE] }, input.mood: sad }, use: rating-predictor@99 } ]
    default: payment-risk@3
    canary: { of: rating-predictor@3, to: rating-predictor@4, percent: 140, salt: c, unit: context.device }
placement: { "*": nowhere }
`,
    )
    const { code, err } = await presageHere(['rules', 'validate', rules])
    expect(code).toBe(1)
    const paths = err.split('\n').flatMap((line) => /refused\.yaml:(\d+: [^ ]+): /.exec(line)?.[1] ?? [])
    expect(paths).toEqual([
      '4: objectives.PREDICT_RATING.rules.0.when.country.inn',
      '4: objectives.PREDICT_RATING.rules.0.when.input.mood',
      '4: objectives.PREDICT_RATING.rules.0.use',
      '5: objectives.PREDICT_RATING.default',
      '6: objectives.PREDICT_RATING.canary.percent',
      '6: objectives.PREDICT_RATING.canary.unit',
      '2: objectives.RECOMMEND_TITLES',
      '2: objectives.PAYMENT_RISK',
      '2: objectives.ABUSE_SCORE',
      '2: objectives.SEARCH_TITLES',
      '7: placement.*',
    ])
  })

  it('without a configuration it checks the shape alone, and says so', async () => {
    const rules = file('shape.yaml', 'objectives: { ANY: { default: any@1 } }')
    const { code, out } = await presageHere(['rules', 'validate', rules], folder)
    expect(code).toBe(0)
    expect(out).toContain('has the right shape (names were not checked: no configuration)')
    expect(
      await presageHere(['rules', 'validate', file('wrong.yaml', 'objectives: { ANY: {} }')], folder),
    ).toMatchObject({
      code: 1,
      err: expect.stringContaining('objectives.ANY.default: must be given, got nothing'),
    })
  })
})
