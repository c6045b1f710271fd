import { PresageError } from '../../../lib/errors'
import { createClientRequest } from '../../../lib/request/clientRequest'
import { tryModel } from '../../../serving/requests/tryModel'
import { FakeClock, settle } from '../../support/fakeClock'
import { heldWorkers } from '../../support/heldWorker'
import { createServices, type Service } from '../service'

const start = createServices()
const outputs = '{ y: { type: Float }, size: { type: Int } }'
const versions = [
  {
    key: 'probe@1',
    features: '{ x: { type: Int, default: 1 }, tag: { type: String, nullable: true } }',
    outputs,
    make: {
      y: (_: object, y: number) => y,
      size: ({ tag }: { tag?: unknown }) => {
        return tag === 'NaN'
          ? new PresageError('BAD_OUTPUT', 'size: must be finite, got NaN')
          : String(tag).length
      },
    },
  },
  { key: 'probe@2', features: '{ x: { type: Int } }', outputs, make: { y: () => 2, size: () => 2 } },
]

const serve = (more = {}) => {
  return start({
    subgraphs: { own: { sdl: 'type Query { y(x: Int!): Float @predict(model: "probe@2", output: "y") }' } },
    models: versions,
    ...more,
  })
}

const request = (parts = {}) =>
  createClientRequest({ id: 'test', deadline: Number.POSITIVE_INFINITY, ...parts })

function codes(rows: readonly unknown[]): unknown[] {
  return rows.map((row) => (row as { error?: { code: string } }).error?.code ?? row)
}

it('answers all outputs of the version, row by row, past rules and objectives', async () => {
  const { serving, batches } = await serve()
  expect(
    await tryModel(serving, request(), 'probe@1', [{ x: 3, tag: 'abc' }, {}, { x: 3, tag: 'abc' }]),
  ).toEqual([
    { y: 30, size: 3 },
    { y: 10, size: 4 },
    { y: 30, size: 3 },
  ])
  expect(batches.map(({ rows }) => rows.length)).toEqual([2])
  expect(await tryModel(serving, request(), 'probe', [{ x: 3 }])).toEqual([{ y: 2, size: 2 }])
})

it('puts what is wrong with a row in its place', async () => {
  const { serving } = await serve()
  const rows: unknown[] = [
    { x: 1.5 },
    null,
    [],
    'row',
    { x: 1, tag: 'NaN' },
    { x: null },
    { x: 2, tag: 'ab', constructor: 1 },
  ]
  const answer = await tryModel(serving, request(), 'probe@1', rows)
  expect(codes(answer)).toEqual([
    'BAD_FEATURE',
    'BAD_FEATURE',
    'BAD_FEATURE',
    'BAD_FEATURE',
    'BAD_OUTPUT',
    { y: 10, size: 4 },
    { y: 20, size: 2 },
  ])
  expect(answer.slice(1, 4).map((row) => (row as { error: { message: string } }).error.message)).toEqual([
    'a row must be an object of features, got null',
    'a row must be an object of features, got a list',
    'a row must be an object of features, got a string',
  ])
})

it('takes no feature from what every object inherits', async () => {
  const { serving } = await start({
    subgraphs: { own: { sdl: 'type Query { a: Int }' } },
    models: [
      {
        key: 'odd@1',
        features: '{ constructor: { type: String, nullable: true } }',
        outputs: '{ seen: { type: String } }',
      },
    ],
  })
  expect(await tryModel(serving, request(), 'odd@1', [{}, { constructor: 'mine' }])).toEqual([
    { seen: '{"constructor":null}' },
    { seen: '{"constructor":"mine"}' },
  ])
})

it('takes 1,000 rows at once, and no more of a request than it may have of predictions', async () => {
  const { serving } = await serve({ maxRows: 1500 })
  const rows = new Array(1000).fill({ x: 1 })
  await expect(tryModel(serving, request(), 'probe@1', [...rows, {}])).rejects.toMatchObject({
    code: 'TOO_MANY_ROWS',
    message: 'tryModel takes at most 1000 rows, got 1001',
  })
  const one = request()
  expect(await tryModel(serving, one, 'probe@1', rows)).toHaveLength(1000)
  await expect(tryModel(serving, one, 'probe@1', rows)).rejects.toMatchObject({
    code: 'TOO_MANY_ROWS',
    message: 'a request may have at most 1500 prediction rows',
  })
  expect(await tryModel(serving, request(), 'probe@1', rows)).toHaveLength(1000)
})

it.each(['probe@3', 'nobody', 'probe@', '@1', '', 'probe@1@1', 'toString'])(
  'does not know "%s"',
  async (name) => {
    const { serving } = await serve()
    await expect(tryModel(serving, request(), name, [{}])).rejects.toMatchObject({ code: 'MODEL_NOT_FOUND' })
  },
)

describe('with a worker that takes its time', () => {
  let service: Service
  const clock = new FakeClock()
  const { start: startWorker, workers } = heldWorkers()
  const slow = async () => {
    service = await serve({ clock, start: startWorker })
    return service.serving
  }

  it("keeps the request's deadline", async () => {
    const serving = await slow()
    const answer = tryModel(serving, request({ deadline: clock.now() + 50 }), 'probe@1', [
      { x: 1 },
      { x: true },
    ])
    await settle()
    clock.advance(50)
    expect(codes(await answer)).toEqual(['DEADLINE_EXCEEDED', 'BAD_FEATURE'])
    workers[0].last.answer()
  })
})
