import { compilePlan } from '../../../schema/compile/compilePlan'
import { composeSupergraph } from '../../../schema/composition/composeSupergraph'
import { withPredictDirective } from '../../../schema/sdl/predictDirective'
import { catalog, source } from '../fixture'

const link =
  'extend schema @link(url: "https://specs.apollo.dev/federation/v2.5", as: "fed", import: ["@key"])'
const customer = 'type Query { customer: Customer }\ntype Customer @key(fields: "id") {\n  id: ID!'

const compose = (sdl: string) => {
  const sources = [
    source('crm', sdl),
    source(
      'ages',
      sdl
        .replace('customer: Customer', 'aged: Customer')
        .replaceAll('fed__', 'federation__')
        .replace(', as: "fed"', ''),
    ),
  ]
  return composeSupergraph(sources, compilePlan(sources, catalog()))
}

describe('a subgraph that links federation under a name of its own', () => {
  it('composes as one that does not, with the definitions that @apollo/subgraph prints', () => {
    const definitions = `directive @key(fields: fed__FieldSet!, resolvable: Boolean = true) repeatable on OBJECT | INTERFACE
directive @fed__shareable repeatable on OBJECT | FIELD_DEFINITION
scalar fed__FieldSet
`
    expect(compose(`${link}\n${definitions}${customer} age: Float @fed__shareable }`)).toContain('age: Float')
  })

  it('composes without definitions', () => {
    expect(compose(`${link}\n${customer} age: Float @fed__shareable }`)).toContain('age: Float')
  })

  it('keeps its lines and all other names', () => {
    const body = `${customer} fed__age(fed__unit: String): Float @fed__shareable }\n# fed__shareable`
    expect(withPredictDirective(source('crm', `${link}\n${body}`)).sdl).toBe(
      `${link.replace('"fed"', '"federation"')}\n${body.replace('@fed__', '@federation__')}`,
    )
  })
})
