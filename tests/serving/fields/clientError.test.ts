import { BadFeature } from '../../../models/validation/validateRows'
import type { PredictionField } from '../../../schema/fields/plan'
import { compileClientError } from '../../../serving/fields/clientError'

const field: PredictionField = {
  subgraph: 'hotels',
  type: 'Query',
  field: 'ranked',
  coordinate: 'Query.ranked',
  target: { kind: 'objective', objective: 'RANK_HOTELS' },
  inputs: [
    {
      spec: {
        name: 'limit',
        type: { kind: 'Int' },
        nullable: false,
        range: [1, 50],
        onNull: 'error',
      },
      binding: { from: 'args', path: ['limit'] },
    },
  ],
  outputs: [],
  shape: { kind: 'value', output: 'hotelIds' },
}
const clientError = compileClientError(field)

it('a value that the contract refuses is told in its words', () => {
  const error = new BadFeature('ranker@2: input limit of RANK_HOTELS', 'must be from 1 to 50', '60', {
    model: 'ranker@2',
    input: 'limit',
  })
  expect(clientError(error)).toMatchObject({
    message: 'input limit of RANK_HOTELS: must be from 1 to 50, got 60 (from argument limit)',
  })
})

it("a value that the contract allows is refused in the name of the version's feature", () => {
  const details = { model: 'ranker@2', feature: 'top', input: 'limit' }
  const error = new BadFeature('ranker@2: feature top (input limit)', 'must be from 1 to 20', '30', details)
  expect(clientError(error)).toMatchObject({
    message:
      "input limit of RANK_HOTELS: must be from 1 to 20 for the version's feature top, got 30 (from argument limit)",
    extensions: { code: 'BAD_FEATURE', input: 'limit', source: 'argument limit' },
  })
})
