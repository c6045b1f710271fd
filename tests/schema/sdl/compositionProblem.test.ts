import { GraphQLError } from 'graphql'
import { compositionProblem } from '../../../schema/sdl/compositionProblem'
import { source } from '../fixture'

it('parses a schema once for all errors of a composition', () => {
  const written = source('catalog', 'type Query {\n  a: Int\n  b: Int\n}')
  let reads = 0
  const catalog = {
    ...written,
    get sdl() {
      reads++
      return written.sdl
    },
  }
  const places = ['a', 'b'].map((name) => {
    const error = new GraphQLError(`Non-shareable field "Query.${name}" is resolved from "catalog"`)
    return compositionProblem(error, [catalog]).split(': ')[0]
  })
  expect(places).toEqual(['subgraphs/catalog/schema.graphql:2', 'subgraphs/catalog/schema.graphql:3'])
  expect(reads).toBe(1)
})
