import fc from 'fast-check'
import {
  buildSchema,
  type GraphQLError,
  parse,
  specifiedRules,
  TypeInfo,
  ValidationContext,
  validate,
  visitInParallel,
  visitWithTypeInfo,
} from 'graphql'
import { DocumentVisit } from '../../../gateway/graphql/documentVisit'
import { documents, sdl } from '../documents'

const schema = buildSchema(sdl)

test('a visit in steps finds the errors that validation finds, in the same order', () => {
  let invalid = 0
  fc.assert(
    fc.property(documents, (text) => {
      const document = parse(text)
      const errors: GraphQLError[] = []
      const typeInfo = new TypeInfo(schema)
      const context = new ValidationContext(schema, document, typeInfo, (error) => errors.push(error))
      const visitor = visitInParallel(specifiedRules.map((rule) => rule(context)))
      const visit = new DocumentVisit(document, visitWithTypeInfo(typeInfo, visitor))
      while (visit.step());
      const options = { maxErrors: Number.POSITIVE_INFINITY }
      expect(JSON.stringify(errors)).toBe(JSON.stringify(validate(schema, document, specifiedRules, options)))
      if (errors.length > 0) invalid++
    }),
    { seed: 5, numRuns: 400 },
  )
  expect(invalid).toBeGreaterThan(200)
  expect(invalid).toBeLessThan(400)
})
