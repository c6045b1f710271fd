import { rmSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { dirname } from 'node:path'
import { cases, pickCases } from '../../bench/cases'
import { writeDeployment } from '../../bench/deployment'
import { assertInferred, rowCounter } from '../../bench/inferredRows'
import { sameAnswers } from '../../bench/sameAnswers'
import { contestants, startPresage } from '../../bench/servers'
import { packageRoot } from '../../lib/packagePaths'

const [five] = pickCases(['five-50'])

test('a name stands for one case, or for all of its kind', () => {
  for (const one of cases) expect(pickCases([one.name])).toEqual([one])
  expect(pickCases(['titles-factors']).map(({ name }) => name)).toEqual([
    'titles-factors-100',
    'titles-factors-1000',
  ])
})

test('each request of a case has other variables, but where the case is about the same ones', () => {
  for (const { name, variables } of cases) {
    const texts = new Set(Array.from({ length: 40 }, (_, n) => JSON.stringify(variables(n))))
    if (name.includes('-same-')) expect(texts.size).toBe(1)
    else expect({ name, isOther: texts.size > 20 }).toEqual({ name, isOther: true })
  }
})

describe('counting what was inferred', () => {
  let server: Server
  let url: string
  const rows = new Map(five.models.map(({ model }) => [model, 7]))

  beforeAll(async () => {
    server = createServer((_, response) => {
      const lines = [...rows].map(([model, count]) => {
        const [name, version] = model.split('@')
        return `presage_inference_count_total{model="${name}",version="${version}",shard="main"} ${count}`
      })
      response.end(`# TYPE presage_inference_count_total counter\n${lines.join('\n')}\n`)
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/graphql`
  })

  afterAll(() => new Promise((resolve) => server.close(resolve)))

  test('rows of one model never stand for those of another', async () => {
    const count = rowCounter(url)
    expect(await count(five)).toBe(0)
    for (const { model } of five.models) rows.set(model, 7 + 2 * 50)
    expect(await count(five)).toBe(2 * 150)
    assertInferred(five, 2, await count(five))
    rows.set(five.models[0].model, 7 + 1000)
    rows.set(five.models[1].model, 7 + 2 * 50 - 1)
    expect(await count(five)).toBe(297)
    expect(() => assertInferred(five, 2, 297)).toThrow(
      'every prediction must be inferred, got 297 rows of 300',
    )
  })
})

test('the graph of five subgraphs is composed and answers as the hand-written endpoint does', async () => {
  const config = writeDeployment(five, packageRoot)
  const handwritten = await contestants.handwritten(five)
  let hasEnded = () => {}
  const end = new Promise<void>((resolve) => {
    hasEnded = resolve
  })
  const presage = await startPresage(packageRoot, config, () => hasEnded())
  try {
    expect(await presage.inferredRows?.(five)).toBe(0)
    await sameAnswers(five, { handwritten, presage })
    expect(await presage.inferredRows?.(five)).toBeGreaterThanOrEqual(five.rows)
  } finally {
    handwritten.stop()
    presage.stop()
    await end
    rmSync(dirname(config), { recursive: true })
  }
})
