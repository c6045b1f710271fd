import type { Column } from '../../../lib/column'
import { PresageError } from '../../../lib/errors'
import type { RowErrors } from '../../../models/contracts/model'
import type { Tensors } from '../../../models/types/tensor'
import { ModelCalls } from '../../../serving/calls/modelCalls'
import type { Segment, Shard } from '../../../workers/shard'
import { type ProbedBatch, probeModel } from '../probeModel'

interface Submitted {
  readonly columns: readonly Column[]
  readonly rows: number
}

const wanted = ['y', 'seen']

/** Calls to a model of `x` and `label`, of which the graph reads `x` alone; `cut` makes segments of what is submitted. */
function startCalls(cut: (rows: number, whole: Segment) => readonly Segment[] = (_, whole) => [whole]) {
  const submitted: Submitted[] = []
  const batches: ProbedBatch[] = []
  const probe = probeModel(
    {
      key: 'probe@1',
      features: '{ x: { type: Float }, label: { type: String } }',
      outputs: '{ y: { type: Float }, seen: { type: String } }',
      make: {
        y: (_, y) => (y === 130 ? new PresageError('BAD_OUTPUT', 'not thirteen') : y),
        seen: ({ label }) => label,
      },
      identity: ['x'],
    },
    batches,
  )
  const built: (readonly Column[])[] = []
  const model: typeof probe = {
    ...probe,
    postprocess(tensors, columns, rows, outputs, tensorRow) {
      built.push(columns)
      return probe.postprocess(tensors, columns, rows, outputs, tensorRow)
    },
  }
  const submit: Shard['submit'] = (_, columns, rows) => {
    submitted.push({ columns, rows })
    return Promise.resolve(cut(rows, { rows, tensors: tenfold(columns[0] as number[]), ...ran }))
  }
  const calls = new ModelCalls(model, { submit } as Partial<Shard> as Shard)
  return {
    submitted,
    built,
    predict: (columns: readonly Column[], errors?: RowErrors) =>
      calls.predict(columns, columns[0].length, { errors, wanted, deadline: 1_000 }),
  }
}

const ran = { run: { worker: 'main-1', rows: 4, computeMs: 1 }, queueMs: 2 }

function tenfold(x: readonly number[]): Tensors {
  return { y: { type: 'float32', dims: [x.length], data: Float32Array.from(x, (value) => 10 * value) } }
}

test('rows that are all distinct go to the shard and to postprocess in the columns that came', async () => {
  const { submitted, built, predict } = startCalls()
  const columns = [
    [1, 2, 3],
    ['a', 'b', 'c'],
  ]
  const { outputs, errors } = await predict(columns)
  expect(outputs).toEqual({ y: [10, 20, 30], seen: ['a', 'b', 'c'] })
  expect([errors[0], errors[2]]).toEqual([undefined, undefined])
  expect(submitted[0].columns).toBe(columns)
  expect(built).toEqual([columns])
  expect(built[0]).toBe(columns)
})

test('equal rows are submitted once and answered each with features of its own', async () => {
  const { submitted, predict } = startCalls()
  const first = predict([
    [1, 2, 1],
    ['a', 'b', 'c'],
  ])
  const second = predict([
    [2, 3],
    ['d', 'e'],
  ])
  const third = predict([
    [3, 1],
    ['f', 'g'],
  ])
  expect((await first).outputs).toEqual({ y: [10, 20, 10], seen: ['a', 'b', 'c'] })
  expect((await second).outputs).toEqual({ y: [20, 30], seen: ['d', 'e'] })
  expect((await third).outputs).toEqual({ y: [30, 10], seen: ['f', 'g'] })
  expect(submitted).toEqual([
    {
      columns: [
        [1, 2],
        ['a', 'b'],
      ],
      rows: 2,
    },
    { columns: [[3], ['e']], rows: 1 },
  ])
})

test('a row with an error keeps it, costs nothing, and its neighbours are answered', async () => {
  const { submitted, predict } = startCalls()
  const error = new PresageError('BAD_FEATURE', 'no')
  const { outputs, errors } = await predict(
    [
      [1, null, 2],
      ['a', null, 'b'],
    ],
    [undefined, error, undefined],
  )
  expect(errors).toEqual([undefined, error, undefined])
  expect(outputs).toEqual({ y: [10, null, 20], seen: ['a', null, 'b'] })
  expect(submitted).toEqual([
    {
      columns: [
        [1, 2],
        ['a', 'b'],
      ],
      rows: 2,
    },
  ])
})

test('rows that have all an error are not submitted', async () => {
  const { submitted, predict } = startCalls()
  const error = new PresageError('BAD_FEATURE', 'no')
  const { outputs, errors } = await predict([[null], [null]], [error])
  expect({ outputs, errors, submitted }).toEqual({
    outputs: { y: [null], seen: [null] },
    errors: [error],
    submitted: [],
  })
})

test('an answer in several segments is put together, errors in their places', async () => {
  const lost = new PresageError('WORKER_LOST', 'gone')
  const { predict } = startCalls((rows, { tensors }) => [
    {
      rows: 1,
      tensors: { y: { type: 'float32', dims: [1], data: (tensors!.y.data as Float32Array).subarray(0, 1) } },
      ...ran,
    },
    { rows: 1, error: lost },
    {
      rows: rows - 2,
      tensors: {
        y: { type: 'float32', dims: [rows - 2], data: (tensors!.y.data as Float32Array).subarray(2) },
      },
      ...ran,
    },
  ])
  const { outputs, errors } = await predict([
    [1, 2, 3, 4],
    ['a', 'b', 'c', 'd'],
  ])
  expect(outputs).toEqual({ y: [10, null, 30, 40], seen: ['a', null, 'c', 'd'] })
  expect(errors).toEqual([undefined, lost, undefined, undefined])
})

test('an answer row by row is not looked through for each row', async () => {
  let looks = 0
  const { predict } = startCalls((rows, { tensors }) =>
    Array.from({ length: rows }, (_, row) => ({
      get rows() {
        looks++
        return 1
      },
      tensors: {
        y: { type: 'float32', dims: [1], data: (tensors!.y.data as Float32Array).slice(row, row + 1) },
      },
      ...ran,
    })),
  )
  const x = Array.from({ length: 1000 }, (_, row) => row)
  const { outputs } = await predict([[...x].reverse(), x.map(String)])
  expect(outputs).toMatchObject({ y: [...x].reverse().map((value) => (value === 13 ? null : 10 * value)) })
  expect(looks).toBeLessThan(10_000)
})

test('a bad output is the error of its row, with and without rows that were not admitted', async () => {
  const { predict } = startCalls()
  const plain = await predict([
    [1, 13],
    ['a', 'b'],
  ])
  expect([plain.errors[0], plain.errors[1]?.code]).toEqual([undefined, 'BAD_OUTPUT'])
  const error = new PresageError('BAD_FEATURE', 'no')
  const mixed = await predict(
    [
      [null, 13],
      [null, 'b'],
    ],
    [error, undefined],
  )
  expect([mixed.errors[0], mixed.errors[1]?.code]).toEqual([error, 'BAD_OUTPUT'])
})

test('no rows are an answer without rows', async () => {
  const { submitted, predict } = startCalls()
  expect(await predict([[], []])).toEqual({ outputs: { y: [], seen: [] }, errors: [] })
  expect(submitted).toEqual([])
})
