import { cpSync } from 'node:fs'
import { join } from 'node:path'
import { postQuery } from '../support/example'
import { type NewProject, newProject } from '../support/newProject'
import type { NodeProcess } from '../support/nodeProcess'
import { runPresage } from '../support/presageCommand'
import { until } from '../support/until'

const risks = '{ orders { returnRisk secondRisk } }'

let project: NewProject
let dev: NodeProcess

beforeAll(async () => {
  project = newProject()
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

test('rules that lack an objective which a field now asks for are not put back into effect', async () => {
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
  const lacks = 'objectives.SECOND_RISK: must have a default'
  await until(() => dev.stderr().includes(lacks))
  project.save('rules.yaml', (yaml) => `${yaml}  SECOND_RISK: { default: second-risk@1 }\n`)
  await until(async () => (await ask()).errors === undefined)
  const before = await ask()

  const { code, out, err } = await rules('rollback')
  expect({ code, out }).toEqual({ code: 0, out: expect.stringContaining('Version 1 is active again') })
  expect(err).toMatch(/warning: \S+ does not run version 1 and still runs version 2: .*must have a default/)
  expect(await ask()).toEqual(before)
  const status = JSON.parse((await rules('status', '--json')).out)
  expect(status.nodes).toEqual([
    expect.objectContaining({
      inEffect: 2,
      prepared: [2],
      problems: { 1: [expect.stringContaining(lacks)] },
    }),
  ])
})
