import { compilePlan } from '../../../schema/compile/compilePlan'
import { renderPlanLock } from '../../../schema/composition/planLock'
import { catalog, exampleSubgraphs, model, objective, output, subgraph } from '../fixture'

it('shows where each input comes from and what the value is made of', () => {
  const lock = JSON.parse(renderPlanLock(compilePlan(exampleSubgraphs, catalog())))
  expect(lock.subgraphs.recommendations).toEqual({
    'Member.recommendedTitles': {
      objective: 'RECOMMEND_TITLES',
      inputs: {
        excludeTitleIds: 'parent.ratedTitleIds (required)',
        likedTitleIds: 'parent.likedTitleIds (required)',
        limit: 'args.first',
      },
      shape: 'records',
      outputs: { items: '[{ title: Title, score: Float }]' },
      fields: ['score', 'title'],
    },
    'Title.predictedRating': {
      objective: 'PREDICT_RATING',
      inputs: {
        genres: 'parent.genres (required)',
        memberId: 'args.memberId',
        titleId: 'parent.id',
        year: 'parent.year (required)',
      },
      shape: 'value',
      outputs: { rating: 'Float' },
    },
  })
})

it('shows a default, an absent input, the context, a shard and a pinned model', () => {
  const body = `type Query {
    x: Float @predict(objective: "X", shard: "main")
    y: Float @predict(model: "m@1") z: Float @predict(model: "m")
  }`
  const objectiveList = [
    objective('X', { limit: 'Int = 1', year: 'Int', country: 'String' }, [output('score', 'Float')]),
  ]
  const models = new Map([['m@1', model({}, [output('score', 'Float')])]])
  const lock = JSON.parse(
    renderPlanLock(compilePlan([subgraph('films', body)], catalog({ objectiveList, models }))),
  )
  expect(lock.subgraphs.films['Query.x']).toMatchObject({
    shard: 'main',
    inputs: { limit: 'default', year: 'absent', country: 'context.country' },
  })
  expect(lock.subgraphs.films['Query.y'].model).toBe('m@1')
  expect(lock.subgraphs.films['Query.z'].model).toBe('m')
})

it('says first that it is generated, and is the same in whatever order the subgraphs come', () => {
  const lock = renderPlanLock(compilePlan(exampleSubgraphs, catalog()))
  expect(lock.split('\n')[1]).toBe('  "generated": "by \\"presage compose\\"; not to be edited",')
  expect(renderPlanLock(compilePlan([...exampleSubgraphs].reverse(), catalog()))).toBe(lock)
})

it('lists a subgraph that is named as what every object inherits', () => {
  const body = 'type Query { x: Float @predict(objective: "X") }'
  const objectiveList = [objective('X', {}, [output('score', 'Float')])]
  for (const name of ['constructor', '__proto__']) {
    const lock = renderPlanLock(compilePlan([subgraph(name, body)], catalog({ objectiveList })))
    expect(Object.entries(JSON.parse(lock).subgraphs)).toEqual([[name, { 'Query.x': expect.anything() }]])
  }
})
