import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { loadConfig } from '../../../cli/config/config'
import { type Deployment, startDeployment } from '../../../cli/deployment/startDeployment'
import { packageRoot } from '../../../lib/packagePaths'
import { createMemoryStore } from '../../../routing/store/memoryStore'
import { copyOf, publication } from '../../contracts/ruleStore'
import { runPresage } from '../../support/presageCommand'
import { presageHere } from '../../support/presageHere'
import { until } from '../../support/until'

/** A deployment with one subgraph, whose versions lie in a folder of their own; the commands run beside it. */
const folder = mkdtempSync(join(tmpdir(), 'presage-rule-commands-'))
const shared = (path: string) => join(packageRoot, path)
const file = (name: string, content: string) => {
  writeFileSync(join(folder, name), content)
  return name
}
const rules = (rest: string) => `objectives: { PAYMENT_RISK: { ${rest} } }`

beforeAll(() => {
  mkdirSync(join(folder, 'payments'))
  mkdirSync(join(folder, 'own/objectives'), { recursive: true })
  file(
    'own/objectives/TRUTH.yaml',
    `objective: TRUTH
inputs: { answer: { type: enum, labels: ["true", "false", "null"] }, grade: { type: enum, labels: [A, B], nullable: true } }
outputs: { score: { type: Float } }
`,
  )
  cpSync(shared('subgraphs/payments/schema.graphql'), join(folder, 'payments/schema.graphql'))
  file('payments/resolvers.js', 'exports.createResolvers = () => ({ Query: { payment: () => null } })')
  file(
    'rover.yaml',
    'subgraphs: { payments: { routing_url: "http://payments", schema: { file: payments/schema.graphql } } }',
  )
  file('rules.yaml', rules('default: payment-risk@2'))
  file(
    'presage.yaml',
    `server: { port: 0 }
graph: { supergraph: supergraph.graphql, planLock: plan.lock.json }
repositories: [${shared('examples/streaming')}, own]
shards: { main: { workers: 1 } }
context: { member: { header: x-member }, device: { from: client, header: x-device } }
rules: { store: { files: versions }, follow: false, node: one }
`,
  )
})
afterAll(() => rmSync(folder, { recursive: true }))

const rulesCommand = (...args: string[]) => presageHere(['rules', ...args], folder)
/** As people run it; the deployment of this process answers meanwhile. */
const startedCommand = (...args: string[]) => runPresage(['rules', ...args], folder)

describe('before anything runs', () => {
  it('a command line that is none ends with 2', async () => {
    expect((await startedCommand('activate')).code).toBe(2)
    expect((await rulesCommand('activate', 'x')).err).toContain('must be a number from 1 on, got x')
    expect((await rulesCommand('activate', '1', '--quorum', '2')).code).toBe(2)
    expect((await rulesCommand('pin')).code).toBe(2)
    expect(await rulesCommand('pin', '1', '--node', 'a b')).toMatchObject({
      code: 2,
      err: expect.stringMatching(/the name of a node must be of letters, .*, got "a b"\n$/),
    })
    expect((await rulesCommand('nonsense')).code).toBe(2)
    expect((await rulesCommand('--help')).code).toBe(0)
  })

  it('explain takes the rule file while nothing was published', async () => {
    const { code, out } = await rulesCommand('explain', 'PAYMENT_RISK', '--json')
    expect(code).toBe(0)
    expect(JSON.parse(out)).toMatchObject({
      ruleSet: 0,
      decision: { model: 'payment-risk@2', reason: 'default' },
    })
  })

  it('what is said of files alone needs no store', async () => {
    const config = readFileSync(join(folder, 'presage.yaml'), 'utf8')
    const apart = file('memory.yaml', config.replace('{ files: versions }', 'memory'))
    const next = file('next-without-store.yaml', rules('default: payment-risk@3'))
    const asked = file('asked-without-store.jsonl', '{"objective":"PAYMENT_RISK","context":{}}\n')
    const apartFrom = (...args: string[]) => rulesCommand(...args, '--config', apart, '--json')
    const explained = await apartFrom('explain', 'PAYMENT_RISK', '--rules', next)
    expect(JSON.parse(explained.out)).toMatchObject({ decision: { model: 'payment-risk@3' } })
    expect(JSON.parse((await apartFrom('diff', 'rules.yaml', next)).out)).toEqual({
      changes: ['PAYMENT_RISK: default payment-risk@2 → payment-risk@3'],
    })
    const simulated = await apartFrom('simulate', asked, '--current', 'rules.yaml', '--proposed', next)
    expect(simulated).toMatchObject({ code: 0, out: expect.stringContaining('payment-risk@3') })
    expect((await apartFrom('diff', 'active', next)).out).toContain('must be files or redis here')
  })

  it('explain and simulate say what keeps a draft from deciding', async () => {
    const draft = file(
      'draft.yaml',
      rules('rules: [{ name: a, when: { input.amuont: 5 }, use: payment-risk@3 }], default: payment-risk@2'),
    )
    const line = /^draft\.yaml: objectives\.PAYMENT_RISK\.rules\.0\.when\.\S+: .*amuont/m
    expect((await rulesCommand('explain', 'PAYMENT_RISK', '--rules', draft)).err).toMatch(line)
    const requests = file('requests.jsonl', '{"context":{"member":"1"}}\n')
    expect((await rulesCommand('simulate', requests, '--current', draft)).err).toMatch(line)
    expect((await rulesCommand('simulate', '.')).err).toBe(
      '.: must be a readable file, got a folder\n1 problem\n',
    )
    const gone = file('gone.yaml', 'objectives: { RISKY: { default: payment-risk@2 } }')
    expect((await rulesCommand('explain', 'RISKY', '--rules', gone)).err).toContain(
      'gone.yaml: objectives.RISKY: must be an objective',
    )
  })

  it('what is refused is refused with all problems at once, and nothing is stored', async () => {
    file('bad.yaml', rules('default: payment-risk@9, canary: { of: a@1, to: a@1, percent: 140, salt: s }'))
    const { code, err } = await startedCommand('publish', 'bad.yaml')
    expect(code).toBe(1)
    const paths = err.split('\n').flatMap((line) => /^bad.yaml: (\S+): /.exec(line)?.[1] ?? [])
    expect(paths).toEqual(
      expect.arrayContaining([
        'objectives.PAYMENT_RISK.default',
        'objectives.PAYMENT_RISK.canary.of',
        'objectives.PAYMENT_RISK.canary.to',
        'objectives.PAYMENT_RISK.canary.percent',
      ]),
    )
    expect((await rulesCommand('history')).out).not.toMatch(/\b1\b/)
  })

  it('what is hardly meant is published with a warning, or refused where that is asked for', async () => {
    const warning = (name: string) =>
      `${name}: objectives.PAYMENT_RISK.shadow.0: draws nobody: neither it nor PAYMENT_RISK has a unit; write unit: context.member`
    file(
      'warned.yaml',
      rules('default: payment-risk@2, shadow: [ { model: payment-risk@3, percent: 100, salt: s } ]'),
    )
    const strict = await rulesCommand('publish', 'warned.yaml', '--strict')
    expect(strict).toMatchObject({ code: 1, out: '', err: `${warning('warned.yaml')}\n1 problem\n` })
    expect(await rulesCommand('validate', 'warned.yaml')).toMatchObject({
      code: 0,
      out: expect.stringContaining(`warning: ${warning('warned.yaml')}\n`),
    })
    const { code, out } = await rulesCommand('validate', 'warned.yaml', '--strict', '--json')
    expect({ code, result: JSON.parse(out) }).toEqual({
      code: 1,
      result: { file: 'warned.yaml', valid: false, problems: [warning('warned.yaml')], warnings: [] },
    })
    expect(JSON.parse((await rulesCommand('validate', 'warned.yaml', '--json')).out)).toEqual({
      file: 'warned.yaml',
      valid: true,
      problems: [],
      warnings: [warning('warned.yaml')],
    })
  })

  it('diff with a version that there is not says so', async () => {
    expect((await rulesCommand('diff', 'previous', 'rules.yaml')).err).toContain(
      'the previous version must be in the store, got none\n',
    )
  })

  it('the first version is active when the store is made with it', async () => {
    expect(await startedCommand('publish', 'rules.yaml', '--by', 'ada')).toMatchObject({
      code: 0,
      out: 'Version 1 is active\n',
    })
    const { code, out } = await rulesCommand('status')
    expect(code).toBe(0)
    expect(out).toMatch(/^Version 1 is active since \S+, by ada \(create\), epoch 1\nNo node is running\n$/)
  })
})

describe('beside a deployment', () => {
  let deployment: Deployment
  const current = () => deployment.serving.rules.current().number

  /** Settles when this version answers here. */
  const inEffect = (number: number) => until(() => current() === number)

  beforeAll(async () => {
    deployment = await startDeployment(loadConfig(join(folder, 'presage.yaml')))
    await deployment.loaded
  })
  afterAll(() => deployment.close())

  it('it starts with what is active in the store, not with its file', () => {
    expect(current()).toBe(1)
  })

  it('publish, then activate when the nodes are prepared', async () => {
    file(
      'second.yaml',
      `message: try three\n${rules('default: payment-risk@2, canary: { of: payment-risk@2, to: payment-risk@3, percent: 5, salt: c, unit: context.member }')}`,
    )
    const published = await startedCommand('publish', 'second.yaml', '--json')
    expect(JSON.parse(published.out)).toMatchObject({
      kind: 'published',
      warnings: [],
      version: { number: 2, message: 'try three' },
    })
    expect(current()).toBe(1)
    expect(await startedCommand('activate', '2', '--wait')).toMatchObject({
      code: 0,
      out: 'Version 2 is active, epoch 2\n',
    })
    await inEffect(2)
  })

  it('diff says what changes, and ends with 1 where anything does', async () => {
    expect(await startedCommand('diff', '1', 'active')).toEqual({
      code: 1,
      err: '',
      out: 'PAYMENT_RISK: canary of payment-risk@2 to payment-risk@3 at 5 % added\nmessage none → try three\n',
    })
    expect(await rulesCommand('diff', 'previous', 'rules.yaml')).toMatchObject({
      code: 0,
      out: 'No difference\n',
    })
    const taken = 'PAYMENT_RISK: canary of payment-risk@2 to payment-risk@3 at 5 % removed\n'
    for (const names of [['active', 'rules.yaml'], ['rules.yaml'], []]) {
      expect((await rulesCommand('diff', ...names)).out).toContain(taken)
    }
    expect((await rulesCommand('diff', '1', '77')).err).toContain(
      'must be a version of the store, active, previous or a file, got 77',
    )
  })

  it('diff knows the units of the objectives of the deployment', async () => {
    const rated = (name: string, unit: string) =>
      file(
        name,
        `objectives: { PREDICT_RATING: { default: rater@1, canary: { of: rater@1, to: rater@2, percent: 5, salt: c${unit} } } }`,
      )
    const [plain, own, other] = [
      rated('plain.yaml', ''),
      rated('own.yaml', ', unit: context.member'),
      rated('other.yaml', ', unit: context.device'),
    ]
    expect((await rulesCommand('diff', plain, own)).out).toBe(
      'PREDICT_RATING: canary unit none → context.member\n',
    )
    expect((await rulesCommand('diff', plain, other)).out).toBe(
      'PREDICT_RATING: canary unit none → context.device; all units get a new draw\n',
    )
  })

  it('diff says which version cannot be found, though nobody typed its number', async () => {
    // Not the active one: the node would give that back.
    const previous = join(folder, 'versions/versions/00000001.json')
    renameSync(previous, `${previous}.away`)
    try {
      expect((await rulesCommand('diff', 'previous', '2')).err).toContain(
        'the previous version must be in the store, got version 1, which cannot be found\n',
      )
    } finally {
      renameSync(`${previous}.away`, previous)
    }
  })

  it('explain says which bucket the canary drew', async () => {
    const { code, out } = await rulesCommand('explain', 'PAYMENT_RISK', '--context', 'member=12', 'device=tv')
    expect(code).toBe(0)
    expect(out).toMatch(/^ruleSet +2$/m)
    expect(out).toMatch(/^model +payment-risk@2$/m)
    expect(out).toMatch(/^canary payment-risk@3 \(salt c\): /m)
    expect((await rulesCommand('explain', 'NONE')).err).toContain('got NONE')
    expect(await rulesCommand('explain', 'PAYMENT_RISK', '--context', 'membr=12')).toMatchObject({
      code: 1,
      err: '--context: must have keys of the configuration, got membr; did you mean "member"?\n1 problem\n',
    })
  })

  it('explain refuses pairs that a comma joins', async () => {
    const explain = (...args: string[]) => rulesCommand('explain', 'PAYMENT_RISK', ...args)
    expect(await explain('--context', 'member=bob,device=tv')).toMatchObject({
      code: 1,
      err: '--context: must be separated by spaces, as in member=... device=..., got member=bob,device=tv\n1 problem\n',
    })
    expect((await explain('--input', 'amount=5', 'amount=6')).err).toContain(
      'must have one value for a key, got amount=5 and amount=6',
    )
    expect((await explain('--input', 'records=yes,amount=5')).err).toContain(
      '--input: must be separated by spaces, as in records=... amount=..., got records=yes,amount=5',
    )
    expect((await explain('--context', 'member=bob,town=x')).code).toBe(0)
  })

  it('explain refuses a shard on which the version is not', async () => {
    const far = file('far.yaml', `${rules('default: payment-risk@2')}\nplacement: { payment-risk: far }\n`)
    const explain = (...args: string[]) =>
      rulesCommand('explain', 'PAYMENT_RISK', '--rules', far, '--shard', ...args)
    expect((await explain('main')).err).toContain('--shard: payment-risk@2 is on far, got "main"')
  })

  it('explain takes inputs of the objective only, of their types', async () => {
    const byAmount = file(
      'amount.yaml',
      rules(
        'rules: [{ name: large, when: { input.amount: { gt: 100 } }, use: payment-risk@3 }], default: payment-risk@2',
      ),
    )
    const explain = (...args: string[]) =>
      rulesCommand('explain', 'PAYMENT_RISK', '--rules', byAmount, '--input', ...args)
    expect((await explain('amount=500', 'records=12')).out).toMatch(/^model +payment-risk@3$/m)
    const unknown = await explain('amuont=500')
    expect(unknown).toMatchObject({
      code: 1,
      err: expect.stringMatching(
        /^--input: must be inputs of PAYMENT_RISK \(.*\), got "amuont"; did you mean "amount"\?$/m,
      ),
    })
    expect(await explain('amount=abc')).toMatchObject({
      code: 1,
      err: expect.stringContaining('--input: amount must be a number within float32, got "abc"\n'),
    })
    expect((await explain('amount=500', '--shard', 'mian')).err).toContain(
      '--shard: must be one of this deployment (main), got mian; did you mean "main"?',
    )
  })

  it('explain takes the labels of an enum as they are, and JSON texts and null where they are no labels', async () => {
    const draft = file(
      'truth.yaml',
      `objectives: { TRUTH: { rules: [
        { name: right, when: { input.answer: "true" }, use: truth@1 },
        { name: none, when: { input.answer: "null" }, use: truth@2 },
        { name: graded, when: { input.grade: A }, use: truth@3 }], default: truth@4 } }`,
    )
    const explain = async (input: string) => {
      const { out, err } = await rulesCommand('explain', 'TRUTH', '--rules', draft, '--input', input)
      return /^model +(\S+)$/m.exec(out)?.[1] ?? err
    }
    expect(await explain('answer=true')).toBe('truth@1')
    expect(await explain('answer="true"')).toBe('truth@1')
    expect(await explain('answer=null')).toBe('truth@2')
    expect(await explain('grade="A"')).toBe('truth@3')
    expect(await explain('grade=null')).toBe('truth@4')
    expect(await explain('grade=1')).toContain('grade must be one of A, B, got "1"')
  })

  it('a version that a node cannot serve is not activated, and the node says why', async () => {
    // Published past the checks, as by a process whose repository has more.
    await deployment.rules.store.publish({
      text: JSON.stringify({ objectives: { PAYMENT_RISK: { default: 'payment-risk@9' } } }),
      author: 'bob',
      message: '',
    })
    expect(await rulesCommand('activate', '3', '--wait')).toMatchObject({
      code: 1,
      out: expect.stringMatching(
        /^Nothing was changed: 0 of 1 nodes are prepared, not one \(objectives.PAYMENT_RISK.default: must be a version of the repository/,
      ),
    })
    expect(await rulesCommand('activate', '9')).toMatchObject({
      code: 1,
      out: 'There is no version 9; the newest is 3\n',
    })
    expect(current()).toBe(2)
  })

  it('status and history, for people and as JSON', async () => {
    const { code, out } = await startedCommand('status', '--json')
    expect(code).toBe(0)
    expect(JSON.parse(out)).toMatchObject({
      active: { number: 2, epoch: 2, kind: 'activate' },
      file: { path: 'rules.yaml', isActive: false, says: expect.stringContaining('rules.yaml is version 1') },
      nodes: [{ node: 'one', inEffect: 2, isStraggler: false, pinned: null }],
    })
    const history = await rulesCommand('history')
    expect(history.out).toMatch(/^\* 2 .* try three$/m)
    expect(history.out).toMatch(/^ {2}1 .* ada$/m)
  })

  it('status tells how the rule file stands to what is active', async () => {
    const says = async () => (await rulesCommand('status')).out.split('\n')[1]
    expect(await says()).toMatch(
      /^rules.yaml is version 1, but version 2 is active \(activate by .*\): `presage rules diff active rules.yaml` shows the difference, `presage rules activate 1` activates the file's$/,
    )
    file('rules.yaml', rules('default: payment-risk@3'))
    expect(await says()).toBe(
      'rules.yaml differs from version 2, which is active: `presage rules diff active rules.yaml` shows the difference, `presage rules publish rules.yaml` publishes the file',
    )
    file('rules.yaml', 'objectives: 4')
    expect(await says()).toMatch(
      /^The rule file differs from the active version: rules.yaml: objectives: must be/,
    )
    file('rules.yaml', rules('default: payment-risk@2'))
  })

  it('a pinned node stays, and is no straggler', async () => {
    expect(await rulesCommand('pin', '1')).toMatchObject({
      code: 0,
      err: '',
      out: 'Node one is pinned to version 1\n',
    })
    await inEffect(1)
    const { code, out } = await rulesCommand('status')
    expect({ code, out }).toMatchObject({
      code: 0,
      out: expect.stringMatching(/^ {2}one +1 .*pinned to 1; 3: /m),
    })
    expect((await rulesCommand('pin', '--off')).out).toBe('Node one follows the active version\n')
    await inEffect(2)
  })

  it('pin warns of a node that is not there, and of one that cannot run the version', async () => {
    expect(await rulesCommand('pin', '1', '--node', 'oen')).toMatchObject({
      code: 0,
      out: 'Node oen is pinned to version 1\n',
      err: 'warning: oen is not one of the running nodes (one); did you mean "one"?\n',
    })
    await rulesCommand('pin', '--off', '--node', 'oen')
    const { out, err } = await rulesCommand('pin', '3')
    expect(out).toBe('Node one is pinned to version 3\n')
    expect(err).toMatch(
      /^warning: one (runs version 3, but not all of it|does not run version 3 .*): objectives.PAYMENT_RISK.default: must be/,
    )
    await rulesCommand('pin', '--off')
    await inEffect(2)
  })

  it('rollback takes effect at once', async () => {
    expect(await rulesCommand('rollback')).toMatchObject({
      code: 0,
      out: 'Version 1 is active again instead of 2, epoch 3\n',
    })
    await inEffect(1)
    expect(await rulesCommand('rollback')).toMatchObject({ code: 1, out: 'No version was active before 1\n' })
  })

  it('rollback warns of nodes that do not run the version, and says why', async () => {
    await rulesCommand('activate', '3', '--force')
    await inEffect(3)
    expect(await rulesCommand('activate', '1', '--wait')).toMatchObject({ code: 0 })
    await inEffect(1)
    expect(await rulesCommand('rollback')).toMatchObject({
      code: 0,
      out: expect.stringMatching(/^Version 3 is active again instead of 1, /),
      err: expect.stringMatching(
        /^warning: one runs version 3, but not all of it: objectives.PAYMENT_RISK.default: must be a version of the repository/,
      ),
    })
    expect(await rulesCommand('rollback')).toMatchObject({ code: 0, err: '' })
    await inEffect(1)
    await deployment.rules.store.publish({
      text: JSON.stringify({ objectives: { RISK: { default: 'payment-risk@2' } } }),
      author: 'bob',
      message: '',
    })
    await rulesCommand('activate', '4', '--force')
    await rulesCommand('activate', '1', '--wait')
    const { code, out, err } = await rulesCommand('rollback', '--json')
    expect(code).toBe(0)
    const warning = expect.stringMatching(
      /^one does not run version 4 and still runs version 1: objectives.PAYMENT_RISK: must have a default/,
    )
    expect(JSON.parse(out)).toMatchObject({ kind: 'rolled back', warnings: [warning] })
    expect(err).toMatch(/^warning: one does not run version 4/)
    expect(await rulesCommand('rollback')).toMatchObject({ code: 0, err: '' })
    await inEffect(1)
  })

  it('simulate counts who moves', async () => {
    const lines = Array.from({ length: 1000 }, (_, member) => JSON.stringify({ member: String(member) }))
    file('contexts.jsonl', [...lines, 'no json'].join('\n'))
    const { code, out } = await rulesCommand(
      'simulate',
      'contexts.jsonl',
      '--proposed',
      'second.yaml',
      '--json',
    )
    expect(code).toBe(1)
    const { objectives, skipped } = JSON.parse(out)
    expect(skipped).toBe(1)
    expect(objectives).toHaveLength(1)
    const [{ moved, requests, moves }] = objectives
    expect(requests).toBe(1000)
    expect(moved).toBeGreaterThan(20)
    expect(moved).toBeLessThan(90)
    expect(moves).toEqual([{ from: 'payment-risk@2', to: 'payment-risk@3', requests: moved }])
    const { out: same } = await rulesCommand('simulate', 'contexts.jsonl', '--json')
    expect(JSON.parse(same)).toMatchObject({ objectives: [{ requests: 1000, moved: 0 }] })
  })

  it('simulate tells what is wrong with the first line that is no request', async () => {
    const simulate = async (...lines: string[]) => {
      file('bad.jsonl', lines.join('\n'))
      return (await rulesCommand('simulate', 'bad.jsonl', '--proposed', 'second.yaml')).out.split('\n')[0]
    }
    expect(await simulate('{}', 'no json', '[]')).toBe(
      '2 lines are not requests, the first is line 2: must be a JSON object, got "no json"',
    )
    expect(await simulate('{ "context": {}, "objective": "PAYMENT_RISKS" }')).toBe(
      '1 line is not a request, the first is line 1: objective: must be one that is simulated (PAYMENT_RISK), got PAYMENT_RISKS; did you mean "PAYMENT_RISK"?',
    )
    const part = '1 line is not a request, the first is line 2:'
    expect(await simulate('{}', '{ "context": {}, "objective": 7 }')).toBe(
      `${part} objective: must be text, got 7`,
    )
    expect(await simulate('{}', '{ "context": {}, "objective": null }')).toBe(
      `${part} objective: must be text, got null`,
    )
    expect(await simulate('{}', '{ "context": {}, "inputs": [5] }')).toBe(
      `${part} inputs: must be a JSON object, got [5]`,
    )
    expect(await simulate('{}', '{ "context": "x", "inputs": {} }')).toBe(
      `${part} context: must be a JSON object, got "x"`,
    )
    expect(await simulate('{}', 'null')).toBe(`${part} must be a JSON object, got null`)
    expect(
      await simulate('\uFEFF{ "context": {}, "inputs": null }', '{ "context": null, "inputs": {} }'),
    ).not.toContain('not a request')
  })

  it('simulate tells of keys and values that no request has', async () => {
    const simulate = async (...lines: object[]) => {
      file('odd.jsonl', lines.map((line) => JSON.stringify(line)).join('\n'))
      return rulesCommand('simulate', 'odd.jsonl', '--proposed', 'second.yaml')
    }
    const good = { context: { member: 'bob' }, inputs: { amount: 5 }, objective: 'PAYMENT_RISK' }
    expect((await simulate({ member: 'bob' }, good)).code).toBe(0)
    const { code, out } = await simulate(good, { membr: 'bob' }, { inputs: { amuont: 5 } })
    expect(code).toBe(1)
    expect(out).toMatch(
      /^2 lines have unknown keys or values of another type, the first is line 2: context: must have keys of the configuration, got membr; did you mean "member"\?\n/,
    )
    const first = async (line: object) => /: (.*)/.exec((await simulate(line)).out)?.[1]
    expect(await first({ inputs: { amuont: 5 } })).toMatch(
      /^inputs: must be inputs of the objectives \(.*\), got "amuont"; did you mean "amount"\?$/,
    )
    expect(await first({ ...good, inputs: { amount: 'x' } })).toBe(
      'inputs: amount must be a number within float32, got "x"',
    )
    expect(await first({ context: {}, input: { amount: 5 } })).toBe(
      'input is not one of the keys context, inputs, objective; did you mean "inputs"?',
    )
  })

  it('a store that lost everything is made again from the copy of a node', async () => {
    for (const name of ['heads', 'versions']) rmSync(join(folder, 'versions', name), { recursive: true })
    for (const name of ['heads', 'versions']) mkdirSync(join(folder, 'versions', name))
    await deployment.rules.node.look()
    expect(deployment.rules.node.status()).toMatchObject({ state: { kind: 'stale' }, isReady: true })
    expect((await rulesCommand('publish', 'rules.yaml')).code).toBe(1)
    // Another deployment's, and newer; but no such node has reported to this store.
    const copies = join(folder, '.presage/nodes')
    const copy = JSON.parse(readFileSync(join(copies, 'one.json'), 'utf8'))
    writeFileSync(join(copies, 'two.json'), JSON.stringify({ ...copy, id: 'staging' }))
    const { code, out } = await rulesCommand('restore')
    expect({ code, out }).toEqual({
      code: 0,
      out: expect.stringMatching(/one\.json: Restored: 4 versions added, version 1 is active\n$/),
    })
    await deployment.rules.node.look()
    expect(deployment.rules.node.status()).toMatchObject({
      state: { kind: 'current' },
      inEffect: { number: 1 },
    })
    expect(readFileSync(join(folder, '.presage/nodes/one.json'), 'utf8')).toContain('payment-risk@2')
  })

  it('status marks a node whose store was created again, though the numbers are the same', async () => {
    const heads = join(folder, 'versions/heads')
    const latest = readdirSync(heads).sort().at(-1)!
    const { head } = JSON.parse(readFileSync(join(heads, latest), 'utf8'))
    const next = join(heads, `${String(Number.parseInt(latest, 10) + 1).padStart(8, '0')}.json`)
    writeFileSync(next, JSON.stringify({ head: { ...head, id: 'another' }, adds: [] }))
    await deployment.rules.node.look()
    expect(await rulesCommand('status')).toMatchObject({
      code: 1,
      out: expect.stringMatching(
        /^! one +1 .*stale: the store \(another\) is not the one that this node has followed: it was created again, or /m,
      ),
    })
  })

  it('history shortens a long message, but not in JSON', async () => {
    const message = 'x'.repeat(5_000)
    file('long.yaml', rules('default: payment-risk@2'))
    await rulesCommand('publish', 'long.yaml', '--message', message)
    expect((await rulesCommand('history')).out).toMatch(/ x{297}\.{3}$/m)
    const { versions } = JSON.parse((await rulesCommand('history', '--json')).out)
    expect(versions[0]).toMatchObject({ message })
  })
})

it('restore takes no copy by itself where those here are of several stores', async () => {
  const root = mkdtempSync(join(tmpdir(), 'presage-rule-copies-'))
  const copies = join(root, '.presage/nodes')
  mkdirSync(copies, { recursive: true })
  cpSync(join(folder, 'presage.yaml'), join(root, 'presage.yaml'))
  const store = createMemoryStore()
  await store.create(publication(1))
  const copy = await copyOf(store)
  for (const [name, id] of Object.entries({ prod: 'p-1', staging: 's-1' }))
    writeFileSync(join(copies, `${name}.json`), JSON.stringify({ ...copy, id }))
  const restore = (...args: string[]) => presageHere(['rules', 'restore', ...args], root)
  expect(await restore()).toMatchObject({
    code: 1,
    err: expect.stringMatching(
      /nodes: must hold copies of one store, got (?=.*prod\.json \(store p-1, active: version 1\)).*staging\.json \(store s-1, active: version 1\).*; name the file to restore from\n/,
    ),
  })
  expect((await restore('.presage/nodes/prod.json')).code).toBe(0)
  // From now on the store itself tells which copies are its own.
  expect(await restore()).toMatchObject({
    code: 0,
    out: expect.stringMatching(/prod\.json: The store already has everything in the copy\n$/),
  })
  rmSync(root, { recursive: true })
})

it('restore goes on where some copies here cannot be read, and names them', async () => {
  const root = mkdtempSync(join(tmpdir(), 'presage-rule-copies-'))
  const copies = join(root, '.presage/nodes')
  mkdirSync(join(copies, 'folder.json'), { recursive: true })
  cpSync(join(folder, 'presage.yaml'), join(root, 'presage.yaml'))
  writeFileSync(join(copies, 'half.json'), '{"id":')
  symlinkSync('nowhere', join(copies, 'gone.json'))
  const restore = () => presageHere(['rules', 'restore'], root)
  const unread = ['folder.json: .*EISDIR', 'half.json: .*got "', 'gone.json: .*no such file'].map(
    (one) => new RegExp(`${one}.*$`, 'm'),
  )
  const none = await restore()
  expect(none.code).toBe(1)
  for (const one of unread) expect(none.err).toMatch(one)

  const store = createMemoryStore()
  await store.create(publication(1))
  writeFileSync(join(copies, 'whole.json'), JSON.stringify(await copyOf(store)))
  const some = await restore()
  expect(some).toMatchObject({ code: 0, out: expect.stringContaining('whole.json: ') })
  for (const one of unread) expect(some.err).toMatch(one)
  rmSync(root, { recursive: true })
})
