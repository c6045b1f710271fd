import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { loadConfig } from '../../cli/config/config'
import { type Deployment, startDeployment } from '../../cli/deployment/startDeployment'
import { packageRoot } from '../../lib/packagePaths'
import { parseRuleSet } from '../../routing/parse/parseRuleSet'
import { canonicalJson } from '../../routing/ruleSet/canonicalJson'
import { openFileStore } from '../../routing/store/fileStore'
import { type Answer, postQuery } from '../support/example'
import { type ServerProcess, startProcess, writeConfig } from '../support/serverProcess'
import { until } from '../support/until'

/** Rules that come into effect while the example is asked: in this process, and in another one on the same folder of versions. */

jest.setTimeout(120_000)

const folder = mkdtempSync(join(tmpdir(), 'presage-rules-scenario-'))
const file = join(folder, 'rules.yaml')
const section = { file, store: { files: join(folder, 'versions') } }
const rules = (rating: string, risk: string) => `objectives:
  RECOMMEND_TITLES: { default: title-recommender@3 }
  PREDICT_RATING: { default: rating-predictor@${rating} }
  PAYMENT_RISK: { default: payment-risk@${risk} }
  ABUSE_SCORE: { default: abuse-score@2 }
  SEARCH_TITLES: { default: title-search@2 }
`
/** Two objectives, in two subgraphs: a mixed answer would show. */
const query = `{
  titles(first: 5) { predictedRating(memberId: "12") }
  payment(id: 1) { risk { probability } }
  more: titles(first: 3) { predictedRating(memberId: "13") }
}`

/** Of a request, in milliseconds: that a machine stands still for seconds is no failure of an activation. */
const timeout = 20_000

const streaming = join(packageRoot, 'examples/streaming')
/** The example's own models, but for one that comes later. */
const repository = join(folder, 'repository')
const repositories = [repository, join(streaming, 'movielens')]

let here: Deployment
let there: ServerProcess
const lines: string[] = []
const ask = async (url = here.url): Promise<string> => {
  const answer: Answer = await postQuery(url, query)
  if (answer.errors !== undefined) throw new Error(JSON.stringify(answer.errors))
  return JSON.stringify(answer.data)
}
const inEffect = () => here.serving.rules.current().number

beforeAll(async () => {
  writeFileSync(file, rules('3', '2'))
  for (const name of ['objectives', 'models']) {
    cpSync(join(streaming, name), join(repository, name), { recursive: true })
  }
  rmSync(join(repository, 'models/payment-risk/1'), { recursive: true })
  const config = loadConfig(
    writeConfig(({ server }) => ({
      repositories,
      rules: { ...section, node: 'here' },
      server: { ...server, port: 0, timeout },
    })),
  )
  here = await startDeployment(config, { log: (line) => lines.push(line) })
  await here.loaded
  there = await startProcess(
    writeConfig(({ server }) => ({
      repositories,
      rules: { ...section, node: 'there', follow: false },
      server: { ...server, timeout },
    })),
  )
})
afterAll(async () => {
  await there?.stop()
  await here.close()
})

/** What each version of the rules answers. */
const answers = new Map<number, string>()

it('the file is version 1, and both processes serve by it', async () => {
  expect(inEffect()).toBe(1)
  expect(await ask(there.url)).toBe(await ask())
  answers.set(1, await ask())
})

it('an edited file is published and, when all nodes are prepared, active in both', async () => {
  writeFileSync(file, rules('4', '3'))
  await until(() => inEffect() === 2)
  answers.set(2, await ask())
  expect(answers.get(2)).not.toBe(answers.get(1))
  await until(async () => (await ask(there.url)) === answers.get(2))
  const { author, message } = (await here.rules.store.history())[0]
  expect({ author, message: message.replace(/.*rules.yaml/, 'FILE') }).toEqual({
    author: 'file',
    message: 'FILE',
  })
})

it('a file with mistakes is refused with all of them, and the rules in effect stay', async () => {
  writeFileSync(file, rules('99', '98'))
  await until(() => lines.some((line) => line.endsWith('not published; the rules in effect stay')))
  expect(lines.filter((line) => line.includes('must be a version of the repository'))).toHaveLength(2)
  expect(inEffect()).toBe(2)
  expect(await ask()).toBe(answers.get(2))
  expect((await here.rules.store.history()).length).toBe(2)
})

it('a process that starts meanwhile serves by the rules in effect, and says what is wrong with the file', async () => {
  for (const follow of [true, false]) {
    const told: string[] = []
    const config = loadConfig(
      writeConfig(({ server }) => ({
        repositories,
        rules: { ...section, node: 'later', follow },
        server: { ...server, port: 0 },
      })),
    )
    const later = await startDeployment(config, { log: (line) => told.push(line) })
    await later.loaded
    expect(await ask(later.url)).toBe(answers.get(2))
    expect(told.filter((line) => line.includes('must be a version of the repository'))).toHaveLength(2)
    const end = follow
      ? 'not published; the rules in effect stay'
      : 'not used; version 2 of the rules is in effect'
    expect(told.filter((line) => line.endsWith(end))).toHaveLength(1)
    await later.close()
  }
})

it('these may name objectives that the process lacks, such as those of a release that is rolled out', async () => {
  const files = join(folder, 'versions-of-a-release')
  const store = await openFileStore({ folder: files })
  const text = `${rules('3', '2')}  NEW_OBJECTIVE: { default: new-model@1 }\n`
  const ruleSet = parseRuleSet(text, 'rules')
  await store.create({ text: canonicalJson(ruleSet), author: 'test', message: '' })
  await store.dispose()
  const config = loadConfig(
    writeConfig(({ server }) => ({
      repositories,
      rules: { file, store: { files } },
      server: { ...server, port: 0 },
    })),
  )
  const later = await startDeployment(config)
  await later.loaded
  expect(await ask(later.url)).toBe(answers.get(1))
  await later.close()
})

it('a process that starts with such a file, and no rules in effect, ends with what is wrong', async () => {
  const config = loadConfig(
    writeConfig(() => ({ repositories, rules: { file, store: { files: join(folder, 'other-versions') } } })),
  )
  await expect(startDeployment(config)).rejects.toThrow('must be a version of the repository')
})

it('activations and rollbacks under load: no request fails, and none is answered by two versions', async () => {
  const { store } = here.rules
  const seen = new Set<string>()
  const failures: string[] = []
  let isOver = false
  const clients = [here.url, here.url, there.url].map(async (url) => {
    while (!isOver) {
      try {
        seen.add(await ask(url))
      } catch (error) {
        failures.push((error as Error).message)
      }
    }
  })
  for (let flip = 0; flip < 30; flip++) {
    const expected = inEffect()
    const outcome =
      expected === 2
        ? await store.rollback({ by: 'test', expected })
        : await store.activate(2, { expected, by: 'test' })
    expect(['activated', 'rolled back']).toContain(outcome.kind)
    await until(() => inEffect() === 3 - expected)
    // Some requests by it, before the next one.
    await wait(20)
  }
  isOver = true
  await Promise.all(clients)
  expect(failures).toEqual([])
  expect([...seen].sort()).toEqual([...answers.values()].sort())
})

it('the graph tells of versions, nodes and stragglers, and explains a route', async () => {
  // A node reports what it serves after it serves it.
  await until(async () => {
    const { data } = await postQuery(here.url, '{ ruleStatus { nodes { inEffect } } }')
    return data.ruleStatus.nodes.every((node: { inEffect: number }) => node.inEffect === inEffect())
  })
  const { data, errors } = await postQuery(
    here.url,
    `{
      ruleSets { number active rules }
      ruleStatus { store active { number } inEffect state nodes { name inEffect straggler } }
      objectives { name candidates { model by ready } }
      explainRoute(objective: "PREDICT_RATING", context: { member: "12" }) { ruleSet decision { model reason } rules { name } }
    }`,
  )
  expect(errors).toBeUndefined()
  const number = inEffect()
  expect(data.ruleSets.map((one: { number: number }) => one.number)).toEqual([2, 1])
  expect(data.ruleSets[0].rules).toEqual(JSON.parse(canonicalJson(parseRuleSet(rules('4', '3'), ''))))
  expect(data.ruleStatus).toEqual({
    store: 'file',
    active: { number },
    inEffect: number,
    state: 'current',
    nodes: ['here', 'there'].map((name) => ({ name, inEffect: number, straggler: false })),
  })
  const model = number === 1 ? 'rating-predictor@3' : 'rating-predictor@4'
  expect(data.objectives.find((one: { name: string }) => one.name === 'PREDICT_RATING').candidates).toEqual([
    { model, by: ['default'], ready: true },
  ])
  expect(data.explainRoute).toEqual({
    ruleSet: number,
    decision: { model, reason: 'default' },
    rules: [],
  })
})

it('a route is explained by a version of the rules that is not active too', async () => {
  const explained = async (number: number) => {
    const { data, errors } = await postQuery(
      here.url,
      `{ explainRoute(objective: "PREDICT_RATING", rules: ${number}, context: {}) { ruleSet decision { model } } }`,
    )
    return data?.explainRoute ?? errors
  }
  expect(await explained(1)).toEqual({ ruleSet: 1, decision: { model: 'rating-predictor@3' } })
  expect(await explained(2)).toEqual({ ruleSet: 2, decision: { model: 'rating-predictor@4' } })
  expect(await explained(9)).toMatchObject([
    {
      message: 'rules: must be the number of a version of the store, got 9',
      extensions: { code: 'BAD_USER_INPUT' },
    },
  ])
})

it('at least no version of the rules is asked for', async () => {
  const { data } = await postQuery(here.url, '{ ruleSets(limit: 0) { number } }')
  expect(data.ruleSets).toEqual([])
  const { errors } = await postQuery(here.url, '{ ruleSets(limit: -1) { number } }')
  expect(errors?.[0]).toMatchObject({
    message: 'limit: must be at least 0, got -1',
    extensions: { code: 'BAD_USER_INPUT' },
  })
})

it('a route is explained for objectives that have rules only, and a long name is not repeated', async () => {
  const [one, other] = await Promise.all(
    ['PREDICT_RATINGS', 'X'.repeat(10_000)].map(async (name) => {
      const { errors } = await postQuery(here.url, `{ explainRoute(objective: "${name}") { ruleSet } }`)
      return errors?.[0].message ?? ''
    }),
  )
  expect(one).toMatch(
    /^objective: must be one that has rules \(.*\), got "PREDICT_RATINGS"; did you mean "PREDICT_RATING"\?$/,
  )
  expect(other.length).toBeLessThan(300)
})

it('a route is explained for shards of the deployment only', async () => {
  const { errors } = await postQuery(
    here.url,
    '{ explainRoute(objective: "PREDICT_RATING", context: {}, shard: "moon") { ruleSet } }',
  )
  expect(errors?.[0]).toMatchObject({
    message: 'shard: must be one of this deployment (main), got "moon"',
    extensions: { code: 'BAD_USER_INPUT' },
  })
})

it('a route is explained for declared context keys only', async () => {
  const { errors } = await postQuery(
    here.url,
    '{ explainRoute(objective: "PREDICT_RATING", context: { contry: "DE" }) { ruleSet } }',
  )
  expect(errors?.[0]).toMatchObject({
    message: 'context: must have keys of the configuration, got contry; did you mean "country"?',
    extensions: { code: 'BAD_USER_INPUT' },
  })
})

it.each([
  ['{ yaer: 1942 }', 'inputs: must be inputs of PREDICT_RATING (%), got "yaer"; did you mean "year"?'],
  ['{ year: "1942" }', 'inputs: year must be a whole number, got "1942"'],
])('a route is explained for the inputs of the objective only: %s', async (inputs, message) => {
  const { errors } = await postQuery(
    here.url,
    `{ explainRoute(objective: "PREDICT_RATING", context: {}, inputs: ${inputs}) { ruleSet } }`,
  )
  const [first] = errors ?? []
  expect(first?.message.replace(/\(.*\)/, '(%)')).toBe(message)
  expect(first?.extensions.code).toBe('BAD_USER_INPUT')
})

it('rules are not changed through the graph unless the configuration allows it', async () => {
  const { errors } = await postQuery(here.url, 'mutation { rollbackRules { done } }')
  expect(errors?.[0]).toMatchObject({
    message: 'rules cannot be changed through this graph unless its configuration has rules.mutations: true',
    extensions: { code: 'FORBIDDEN' },
  })
})

it('a process that starts again serves by what is active, not by its file', async () => {
  const { store } = here.rules
  if (inEffect() === 2) await store.rollback({ by: 'test' })
  await until(() => inEffect() === 1)
  // As it was published last: nothing new.
  writeFileSync(file, rules('4', '3'))
  const difference =
    /^rules: \S*rules.yaml is version 2, but version 1 is active \(rollback by test\): .presage rules diff active \S*rules.yaml. shows the difference, .presage rules activate 2. activates the file's$/
  const told = (from: readonly string[]) => from.filter((line) => difference.test(line))
  lines.length = 0
  writeFileSync(file, rules('4', '3'))
  await until(() => told(lines).length === 1)
  const config = loadConfig(
    writeConfig(({ server }) => ({
      repositories,
      rules: { file, store: { files: join(folder, 'versions') }, node: 'again' },
      server: { ...server, port: 0 },
    })),
  )
  const linesAgain: string[] = []
  const again = await startDeployment(config, { log: (line) => linesAgain.push(line) })
  await again.loaded
  expect(told(linesAgain)).toHaveLength(1)
  expect(await ask(again.url)).toBe(answers.get(1))
  await again.close()
  expect((await store.history()).length).toBe(2)
})

it('what was refused for a model that is not there is published when the model comes', async () => {
  lines.length = 0
  writeFileSync(file, rules('2', '1'))
  await until(() => lines.some((line) => line.endsWith('not published; the rules in effect stay')))
  cpSync(join(streaming, 'models/payment-risk/1'), join(repository, 'models/payment-risk/1'), {
    recursive: true,
  })
  await until(() => inEffect() === 3)
  expect(lines).toContain('payment-risk@1 is ready on main')
  expect(answers.has(3)).toBe(false)
  const third = await ask()
  expect([...answers.values()]).not.toContain(third)
  await until(async () => (await ask(there.url)) === third)
})

it('a version with rules for an objective that no process has yet is active in both, without force', async () => {
  const { store } = here.rules
  const before = inEffect()
  const later = '  LATER: { default: later@1 }\nplacement: { later: gpu, rating-predictor@3: main }\n'
  const text = canonicalJson(parseRuleSet(rules('3', '2') + later, ''))
  const outcome = await store.publish({ text, author: 'test', message: 'of a release that begins' })
  if (outcome.kind !== 'published') throw new Error(outcome.kind)
  const { number } = outcome.version
  await until(
    async () => (await store.activate(number, { expected: before, by: 'test' })).kind === 'activated',
  )
  await until(async () => (await ask(there.url)) === answers.get(1))
  await until(async () => (await ask()) === answers.get(1))
  const config = loadConfig(
    writeConfig(({ server }) => ({
      repositories,
      rules: { ...section, node: 'later', follow: false },
      server: { ...server, port: 0 },
    })),
  )
  const started = await startDeployment(config)
  await started.loaded
  expect(started.rules.node.status()).toMatchObject({ isReady: true, inEffect: { number } })
  expect(await ask(started.url)).toBe(answers.get(1))
  await started.close()
})

it('a process that cannot use the active version serves by the one before, and is not ready', async () => {
  const versions = join(folder, 'unfit')
  const store = await openFileStore({ folder: versions })
  const publication = (text: string) => ({
    text: canonicalJson(parseRuleSet(text, '')),
    author: 'a',
    message: '',
  })
  await store.create(publication(rules('3', '2')))
  const unfit = rules('3', '2').replace(
    'PAYMENT_RISK: { default: payment-risk@2 }',
    'PAYMENT_RISK: { default: payment-risk@2, rules: [{ name: a, when: { input.mood: sad }, use: payment-risk@3 }] }',
  )
  await store.publish(publication(unfit))
  await store.activate(2, { expected: 1, by: 'test', force: true })
  const config = loadConfig(
    writeConfig(({ server }) => ({
      repositories,
      rules: { file, store: { files: versions }, node: 'unfit', follow: false },
      server: { ...server, port: 0 },
    })),
  )
  const started = await startDeployment(config)
  await started.loaded
  const ready = () => fetch(started.url.replace('/graphql', '/health/ready'))
  const answer = await ready()
  expect([answer.status, await answer.json()]).toEqual([
    503,
    {
      ready: false,
      reasons: [
        expect.stringMatching(
          /^rules: version 2 should be in effect, but still version 1 is: .*PAYMENT_RISK\.rules\.0\.when\.input\.mood/,
        ),
      ],
    },
  ])
  expect(await ask(started.url)).toBe(answers.get(1))
  await store.rollback({ by: 'test' })
  await until(async () => (await ready()).status === 200)
  await Promise.all([started.close(), store.dispose()])
})
