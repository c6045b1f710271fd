import { createClientRequest, explainedIn } from '../../../lib/request/clientRequest'
import { Explain } from '../../../lib/request/explain'

const third = { model: 'm@3' }
const fourth = { model: 'm@4' }

test('rows at one place of which the same is told are one entry, with a star for the index in which they differ', () => {
  const explain = new Explain()
  for (const row of [0, 1, 2]) explain.add(['titles', row, 'rating'], third)
  for (const row of [0, 1]) explain.add(['members', 4, 'titles', row, 'rating'], { ...third })
  explain.add(['titles', 0, 'other'], third)
  expect(explain.report()).toEqual({
    predictions: [
      { path: 'members.4.titles.*.rating', rows: 2, ...third },
      { path: 'titles.0.other', rows: 1, ...third },
      { path: 'titles.*.rating', rows: 3, ...third },
    ],
  })
})

test('rows that differ are entries of their own, in the order of their places', () => {
  const explain = new Explain()
  for (const [row, facts] of [third, fourth, third].entries()) explain.add(['titles', row, 'rating'], facts)
  expect(explain.report().predictions).toEqual([
    { path: 'titles.*.rating', rows: 2, ...third },
    { path: 'titles.1.rating', rows: 1, ...fourth },
  ])
})

test('a hundred entries are told, and how many more there were', () => {
  const explain = new Explain()
  for (let row = 249; row >= 0; row--) explain.add(['titles', row, 'rating'], { bucket: row })
  const { predictions, leftOut } = explain.report()
  expect([predictions.length, predictions.at(-1)?.path, leftOut]).toEqual([100, 'titles.99.rating', 150])
})

test('what another process told of its part stands where the part does, at each of its places', () => {
  const there = new Explain()
  there.add(['_entities', 0, 'rating'], third)
  there.add(['_entities', 1, 'rating'], fourth)
  there.add(['_entities', 0, 'rating'], third)
  const told = JSON.parse(JSON.stringify(there.rows()))
  expect(told.facts).toEqual([third, fourth])

  const [part, explain] = [new Explain(), new Explain()]
  part.addRows(told)
  explain.addPart(part, ([, index, field]) =>
    index === 0
      ? []
      : [
          ['a', field],
          ['b', 7, field],
        ],
  )
  expect(explain.report().predictions).toEqual([
    { path: 'a.rating', rows: 1, ...fourth },
    { path: 'b.7.rating', rows: 1, ...fourth },
  ])
})

test.each([
  undefined,
  null,
  'text',
  { facts: 7, rows: [] },
  { facts: [], rows: [[0, 'a']] },
  { facts: [third], rows: [7, [0, {}], ['0.5'], [1, 'a'], ['length', 'a']] },
])('what does not read as told is passed over: %j', (told) => {
  const explain = new Explain()
  explain.addRows(told)
  expect(explain.report()).toEqual({ predictions: [] })
})

test('facts of another process do not pass for what is known here', () => {
  const explain = new Explain()
  explain.addRows({ facts: [{ path: 'elsewhere', rows: 99, model: 'm@3' }], rows: [[0, 'a']] })
  expect(explain.report().predictions).toEqual([{ path: 'a', rows: 1, model: 'm@3' }])
})

test('a part of a request is the same request, and tells apart', () => {
  const [whole, part] = [new Explain(), new Explain()]
  const request = createClientRequest({ id: '1', deadline: 5, context: { member: '12' }, explain: whole })
  const derived = explainedIn(request, part)
  const key = Symbol('state')
  expect(derived.scope(key, () => 'made')).toBe('made')
  expect(request.scope(key, () => 'made again')).toBe('made')
  derived.usage.predictionRows += 3
  expect(request.usage.predictionRows).toBe(3)
  expect([derived.explain, derived.context, derived.isAborted]).toEqual([part, { member: '12' }, false])
  expect(request.explain).toBe(whole)
})
