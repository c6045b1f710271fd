import type { Exposure } from '../../../serving/exposure/exposure'
import { Exposures } from '../../../serving/exposure/exposures'
import { Shadows } from '../../../serving/shadow/shadows'
import { exposureKeys } from '../../support/exposureKeys'
import { FakeClock, settle } from '../../support/fakeClock'
import { createServices, type Service, type ServiceParts } from '../service'

/** Who was given what by an experiment, as training logs read it. */

const start = createServices()

const features = '{ x: { type: Int, range: [0, 99] } }'
const outputs = '{ y: { type: Float } }'
const version = (key: string, plus: number) => ({
  ...{ key, features, outputs, serves: ['PROBE'] },
  make: { y: (_: object, y: number) => y + plus },
})
const models = [version('probe@1', 0), version('probe@2', 2), version('probe@3', 3)]
const experiments = {
  half: {
    salt: 'half-1',
    cells: [
      { name: 'control', percent: 0, use: 'probe@1' },
      { name: 'other', percent: 100, use: 'probe@2' },
    ],
  },
}
const inExperiment = { default: { experiment: 'half' } }

async function things(
  xs: readonly number[],
  {
    sample = 1,
    unit = 'context.member',
    withShadows = false,
    rules = inExperiment,
    isWritten = true,
    ...more
  }: Partial<Omit<ServiceParts, 'rules'>> & {
    sample?: number
    unit?: string
    withShadows?: boolean
    rules?: object
    isWritten?: boolean
  } = {},
) {
  const clock = new FakeClock()
  const service = await start({
    subgraphs: {
      own: {
        sdl: `type Query { things: [Thing!]! others: [Thing!]! }
          type Thing { x: Int! y: Float @predict(objective: "PROBE") }`,
        resolvers: {
          Query: { things: () => xs.map((x) => ({ x })), others: () => [{ x: 7 }] },
        },
      },
    },
    objectives: { PROBE: `unit: ${unit}\ninputs: ${features}\noutputs: ${outputs}` },
    contextKeys: { member: 'string' },
    models,
    clock,
    experiments,
    ...more,
    moreRules: { PROBE: rules },
  })
  const lines: string[] = []
  const shadows = withShadows ? new Shadows(service.serving, { maxRows: 100, deadlineMs: 50 }) : undefined
  const exposures = new Exposures({
    runtime: service.serving,
    ...(shadows && { shadows }),
    sample,
    write: (line, counter) => {
      lines.push(line)
      if (isWritten) counter.inc()
    },
    now: () => Date.UTC(2030, 0, 2),
  })
  const read = async () => {
    for (let turn = 0; turn < 4; turn++) {
      clock.advance(1)
      await settle()
    }
    return lines.map((line) => JSON.parse(line) as Exposure)
  }
  return { service, exposures, lines, read }
}

const ask = (service: Service, member: string | undefined = '12', text = '{ things { y } }') =>
  service.query(text, {}, { context: member === '' ? {} : { member }, id: `of ${member}` })

describe('an assignment', () => {
  it('is written as one line after the answer, however many rows it has', async () => {
    const { service, read, lines } = await things([1, 2])
    await ask(service)
    expect(lines).toEqual([])
    expect(await read()).toEqual([
      {
        ...{ time: '2030-01-02T00:00:00.000Z', request: 'of 12', objective: 'PROBE' },
        ...{ experiment: 'half', cell: 'other', unitBy: 'context.member', unit: '12' },
        ...{
          model: 'probe@2',
          chosen: 'probe@2',
          origin: 'real',
          rows: 2,
          ruleSet: 1,
          ruleSetHash: 'of a test',
        },
      },
    ])
    expect(lines[0]).not.toContain('\n')
    expect(Object.keys(JSON.parse(lines[0]))).toEqual(exposureKeys)
    expect(service.metrics.bySeries('presage_exposures_total')).toEqual({
      'objective=PROBE experiment=half origin=real': 1,
    })
  })

  it('is counted only once it is written', async () => {
    const { service, read } = await things([1], { isWritten: false })
    await ask(service)
    expect(await read()).toHaveLength(1)
    expect(service.metrics.bySeries('presage_exposures_total')).toEqual({})
  })

  it('of a synthetic request says so, and so does the line of its shadow', async () => {
    const { service, read } = await things([1], {
      withShadows: true,
      rules: { ...inExperiment, shadow: [{ model: 'probe@3', percent: 100, salt: 's' }] },
    })
    await service.query('{ things { y } }', {}, { context: { member: '12' }, isSynthetic: true })
    await read()
    expect((await read()).map(({ model, origin, shadow }) => [model, origin, shadow])).toEqual([
      ['probe@2', 'synthetic', undefined],
      ['probe@3', 'synthetic', true],
    ])
    expect(service.metrics.bySeries('presage_exposures_total')).toEqual({
      'objective=PROBE experiment=half origin=synthetic': 2,
    })
  })

  it('is written once a request, objective and unit, and again for the next request', async () => {
    const { service, read } = await things([1, 2])
    await ask(service, '12', '{ things { y } more: things { y } others { y } }')
    await ask(service, '12')
    await ask(service, '13')
    expect((await read()).map(({ unit, request }) => [unit, request])).toEqual([
      ['12', 'of 12'],
      ['12', 'of 12'],
      ['13', 'of 13'],
    ])
  })

  it('of rows with units of their own is one line a unit', async () => {
    const { service, read } = await things([1, 2, 1], { unit: 'input.x' })
    await ask(service)
    expect((await read()).map(({ unitBy, unit, rows }) => [unitBy, unit, rows])).toEqual([
      ['input.x', '1', 2],
      ['input.x', '2', 1],
    ])
  })

  it('names who answered where a fallback did, and nobody where nobody did', async () => {
    const { service, read } = await things([1], { rules: { ...inExperiment, fallback: ['probe@3'] } })
    const { registry } = service.serving
    const refuse = (key: string) =>
      registry.set({ ...registry.get(key)!, state: { is: 'refused', reason: 'for the test' } })
    refuse('probe@2')
    await ask(service)
    refuse('probe@3')
    await ask(service)
    expect((await read()).map(({ model, chosen, cell }) => [model, chosen, cell])).toEqual([
      ['probe@3', 'probe@2', 'other'],
      [null, 'probe@2', 'other'],
    ])
  })

  it('is none without a unit, nor where no experiment decided', async () => {
    const { service, read } = await things([1])
    await ask(service, '')
    expect(await read()).toEqual([])
    const plain = await things([1], { rules: {} })
    await ask(plain.service)
    expect(await plain.read()).toEqual([])
  })

  it('of a shadow is a line of its own, which says so', async () => {
    const shadow = [{ model: 'probe@3', percent: 100, salt: 'a' }]
    const { service, read } = await things([1], { withShadows: true, rules: { ...inExperiment, shadow } })
    await ask(service)
    expect((await read()).map(({ model, origin }) => [model, origin])).toEqual([
      ['probe@2', 'real'],
      ['probe@3', 'shadow'],
    ])
  })
})

it('a sample holds the same units each time, in about the share that was asked for', async () => {
  const { service, read } = await things([1], { sample: 0.25 })
  const members = Array.from({ length: 200 }, (_, member) => `member-${member}`)
  for (let turn = 0; turn < 2; turn++) {
    for (const member of members) await ask(service, member)
  }
  const units = (await read()).map(({ unit }) => unit)
  const sampled = new Set(units)
  expect(units).toHaveLength(2 * sampled.size)
  expect(sampled.size).toBeGreaterThan(30)
  expect(sampled.size).toBeLessThan(70)
})

it('what waits when it is disposed of is written, and nothing after', async () => {
  const { service, exposures, lines } = await things([1])
  await ask(service)
  exposures.dispose()
  expect(lines).toHaveLength(1)
  await ask(service)
  await settle()
  expect(lines).toHaveLength(1)
})
