import { cpSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { postQuery } from '../support/example'
import { type NewProject, newProject } from '../support/newProject'
import type { NodeProcess } from '../support/nodeProcess'
import { runPresage } from '../support/presageCommand'
import { until } from '../support/until'

const risks = '{ orders { returnRisk secondRisk } }'
const lacks = 'objectives.SECOND_RISK: must have a default'

let project: NewProject
let dev: NodeProcess

beforeAll(async () => {
  project = newProject()
  project.bePatient()
  addSecondRisk(project)
  dev = await project.dev()
})

afterAll(async () => {
  await dev?.stop()
  project?.dispose()
})

const ask = () => postQuery(dev.ready, risks)
const rules = (...args: string[]) => runPresage(['rules', ...args], project.folder)

/** The model and the objective under a second name. */
function addSecondRisk({ folder, save }: NewProject) {
  const rename = (text: string) =>
    text.replaceAll('RETURN_RISK', 'SECOND_RISK').replaceAll('return-risk', 'second-risk')
  cpSync(join(folder, 'models/return-risk'), join(folder, 'models/second-risk'), { recursive: true })
  cpSync(join(folder, 'objectives/RETURN_RISK.yaml'), join(folder, 'objectives/SECOND_RISK.yaml'))
  save('models/second-risk/1/model.yaml', rename)
  save('objectives/SECOND_RISK.yaml', rename)
}

test('what the rules in effect lack is told of a line of the file only if the file lacks it as well', async () => {
  project.save('subgraphs/orders/schema.graphql', (sdl) =>
    sdl.replace('type Order @key', (type) =>
      [
        'extend type Order {',
        '  secondRisk: Float @predict(objective: "SECOND_RISK", output: "probability")',
        '}',
        '',
        type,
      ].join('\n'),
    ),
  )
  await until(() => dev.stderr().includes(lacks))
  expect(dev.stderr()).toMatch(
    /rules\.yaml:3: objectives\.SECOND_RISK: .* such as Order\.secondRisk, got nothing; write SECOND_RISK: \{ default: second-risk@1 \}/,
  )
  const from = dev.stderr().length
  project.save('rules.yaml', (yaml) => `${yaml}  SECOND_RISK: { default: second-risk@2 }\n`)
  const told = () => dev.stderr().slice(from)
  await until(() => told().includes('not published') && told().includes(lacks))
  expect(told()).toMatch(/^rules\.yaml:\d+: objectives\.SECOND_RISK\.default: .* got second-risk@2/m)
  expect(told().match(/^.*(?=: objectives\.SECOND_RISK: must have a default)/gm)).toEqual([
    'the rules in effect',
  ])
})

test('rules that lack an objective which a field now asks for are not put back into effect', async () => {
  project.save('rules.yaml', (yaml) => yaml.replace('second-risk@2', 'second-risk@1'))
  await until(async () => (await ask()).errors === undefined)
  const before = await ask()

  const { code, out, err } = await rules('rollback')
  expect({ code, out }).toEqual({ code: 0, out: expect.stringContaining('Version 1 is active again') })
  expect(err).toMatch(/warning: \S+ does not run version 1 and still runs version 2: /)
  expect(await ask()).toEqual(before)
  // It says why within a moment, which the command may not have waited for.
  let nodes: readonly { problems: object }[] = []
  await until(async () => {
    nodes = JSON.parse((await rules('status', '--json')).out).nodes
    return nodes.some(({ problems }) => 1 in problems)
  })
  expect(nodes).toEqual([
    expect.objectContaining({
      inEffect: 2,
      prepared: [2],
      problems: { 1: [expect.stringContaining(lacks)] },
    }),
  ])
})

test('a version that lacks it is not activated either, and the reason is told', async () => {
  expect(await rules('activate', '2', '--wait')).toMatchObject({ code: 0, err: '' })
  expect(await rules('activate', '1', '--wait')).toMatchObject({
    code: 1,
    out: expect.stringMatching(/^Nothing was changed: 0 of 1 nodes .*SECOND_RISK: must have a default/),
  })
})

test('whoever activates rules beside the file is reminded of it, and the edit that replaces them says so', async () => {
  const canary = readFileSync(join(project.folder, 'rules.yaml'), 'utf8').replace('0.25', '0.75')
  writeFileSync(join(project.folder, 'canary.yaml'), canary)
  expect(await rules('publish', 'canary.yaml')).toMatchObject({ code: 0, err: '' })
  expect(await rules('activate', '3', '--by', 'ada', '--wait')).toMatchObject({
    code: 0,
    err: 'warning: rules.yaml differs from version 3, and its next edit replaces it: make the change there too (`presage rules diff rules.yaml 3` shows it)\n',
  })
  project.save('rules.yaml', (yaml) => yaml.replace('message: ', 'message: Edited. '))
  await until(() => dev.stderr().includes('version 4 from the file replaces version 3 (activate by ada)'))
  project.save('rules.yaml', (yaml) => yaml.replace('Edited. ', 'Edited twice. '))
  await until(() => dev.stderr().includes('version 5 is in effect'))
  expect(dev.stderr()).not.toContain('from the file replaces version 4')
})

test('a warning is told as one, and once as long as it is so', async () => {
  const from = dev.stderr().length
  const written = () => dev.stderr().slice(from)
  const rule = (name: string) => `{ name: ${name}, when: { country: DE }, use: return-risk@1 }`
  project.save('rules.yaml', (yaml) =>
    yaml.replace('default: return-risk@1', `rules: [${rule('a')}, ${rule('b')}]\n    default: return-risk@1`),
  )
  await until(() => written().includes('version 6 is in effect'))
  project.save('subgraphs/orders/schema.graphql', (sdl) =>
    sdl.replace('type Query {', 'type Query {\n  added: Int'),
  )
  await until(() => written().includes('schema.graphql: served'))
  project.save('presage.yaml', (yaml) => `${yaml}# Saved.\n`)
  await until(() => written().includes('presage.yaml: served'))
  expect(written().match(/.*can never match.*/g)).toEqual([
    expect.stringMatching(/^warning: rules\.yaml:\d+: objectives\.RETURN_RISK\.rules\.1: can never match: /),
  ])
  expect(written().match(/Query\.added/g)).toHaveLength(1)
})
