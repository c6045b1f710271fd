import { warmUp } from '../../../workers/pool/warmUp'

/** What is measured of batches of 1 and 100 rows whose runs take these times, one after the other. */
async function measured(...times: number[]) {
  const told: [number, number][] = []
  const batches = [1, 100].map((rows) => ({ rows, make: () => ({}), check() {} }))
  await warmUp(
    batches,
    async () => times.shift()!,
    (rows, ms) => told.push([rows, ms]),
  )
  expect(times).toEqual([])
  return told
}

it.each([
  ['the shortest of three short runs', [9, 3, 2, 12, 5, 4], [2, 4]],
  ['a run that was held up, by those after it', [2500, 3, 2, 2500, 5, 4], [2, 4]],
  ['long runs, by two of the first batch', [60, 50, 300], [50, 300]],
])('what counts is %s', async (_, times, expected) => {
  expect(await measured(...times)).toEqual([
    [1, expected[0]],
    [100, expected[1]],
  ])
})
