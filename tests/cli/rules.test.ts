import { spawnSync } from 'node:child_process'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { compiledPath, packageRoot } from '../../lib/compiled'

const folder = mkdtempSync(join(tmpdir(), 'presage-rules-'))

function presage(args: readonly string[], cwd = packageRoot) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [compiledPath('cli/presage'), ...args], {
    cwd,
    encoding: 'utf8',
    timeout: 30_000,
  })
  return { status, stdout, stderr }
}

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
  it('passes where all cases hold, of all files', () => {
    const good = file('good.json', cases('rater@1'))
    expect(presage(['rules', 'test', good, 'tests/specs/routing/hash.json'])).toEqual({
      status: 0,
      stdout: '12 cases hold\n',
      stderr: '',
    })
  })

  it('prints what differs and fails, and needs no configuration', () => {
    const bad = file('bad.json', cases('rater@2'))
    expect(presage(['rules', 'test', bad], folder)).toEqual({
      status: 1,
      stdout: '1 case holds\n',
      stderr: `${bad}: own rules: first: model: must be "rater@2", got "rater@1"\n1 problem\n`,
    })
  })

  it('names a file that is missing, that is no file of cases, and goes on with the others', () => {
    const other = file('other.json', '{"says": 4}')
    const good = file('good.json', cases('rater@1'))
    const { status, stdout, stderr } = presage(['rules', 'test', join(folder, 'none.json'), other, good])
    expect(status).toBe(1)
    expect(stdout).toBe('2 cases hold\n')
    expect(stderr).toContain('none.json: must be a readable file, got no such file\n')
    expect(stderr).toContain(`${other}: says: must say in words what is to hold, got 4\n`)
  })
})

describe('presage rules validate', () => {
  it('passes on the rules of the deployment', () => {
    const { status, stdout } = presage(['rules', 'validate'])
    expect(status).toBe(0)
    expect(stdout).toMatch(
      /^examples\/streaming\/rules\.yaml is fit to be published: 5 objectives, \d+ rules?$/m,
    )
  })

  it('lists every problem with its path, and fails', () => {
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
    const { status, stderr } = presage(['rules', 'validate', rules])
    expect(status).toBe(1)
    const paths = stderr.split('\n').flatMap((line) => /refused\.yaml: ([^ ]+): /.exec(line)?.[1] ?? [])
    expect(paths).toEqual([
      'objectives.PREDICT_RATING.rules.0.when.country.inn',
      'objectives.PREDICT_RATING.rules.0.when.input.mood',
      'objectives.PREDICT_RATING.rules.0.use',
      'objectives.PREDICT_RATING.default',
      'objectives.PREDICT_RATING.canary.percent',
      'objectives.PREDICT_RATING.canary.unit',
      'objectives.RECOMMEND_TITLES',
      'objectives.PAYMENT_RISK',
      'objectives.ABUSE_SCORE',
      'objectives.SEARCH_TITLES',
      'placement.*',
    ])
  })

  it('without a configuration it checks the shape alone, and says so', () => {
    const rules = file('shape.yaml', 'objectives: { ANY: { default: any@1 } }')
    const { status, stdout } = presage(['rules', 'validate', rules], folder)
    expect(status).toBe(0)
    expect(stdout).toContain('has the right shape (names were not checked: no configuration)')
    expect(
      presage(['rules', 'validate', file('wrong.yaml', 'objectives: { ANY: {} }')], folder),
    ).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('objectives.ANY.default: must be given, got nothing'),
    })
  })
})
