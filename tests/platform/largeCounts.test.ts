import { buildASTSchema, graphql, parse } from 'graphql'
import { platformSource } from '../../platform/platformSource'

/** As many rows as a process answers in days. */
const rows = 3e9

it('counts of rows may be higher than an Int, since they grow for as long as a process runs', async () => {
  const schema = buildASTSchema(parse(platformSource('').sdl), { assumeValid: true, assumeValidSDL: true })
  const latency = { count: rows }
  const comparison = {
    rows,
    compared: rows,
    failures: [{ rows }],
    outputs: [{ count: rows }],
    shadowLatency: latency,
    answeredLatency: latency,
  }
  const distribution = { count: rows, counts: [rows], values: [{ count: rows }] }
  const rootValue = { shadowComparisons: [comparison], outputDistributions: [distribution] }
  const source = `{
    shadowComparisons {
      rows compared failures { rows } outputs { count } shadowLatency { count } answeredLatency { count }
    }
    outputDistributions { count counts values { count } }
  }`
  const { data, errors } = await graphql({ schema, source, rootValue })
  expect(errors).toBeUndefined()
  expect(JSON.parse(JSON.stringify(data))).toEqual(rootValue)
})
