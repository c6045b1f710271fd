import { createClientRequest } from '../../lib/request/clientRequest'
import { grantedRoles } from '../../lib/request/roles'
import { distributionQueries, outputDistribution } from '../../platform/distributionQueries'
import type { PlatformServices } from '../../platform/services'
import type { OutputDistribution } from '../../serving/distributions/outputDistributions'

const as = (...roles: string[]) => ({
  request: createClientRequest({ id: '1', deadline: 0, roles: grantedRoles(roles) }),
})
const looked: unknown[][] = []
const services = () =>
  ({ distributions: { look: (...asked: unknown[]) => looked.push(asked) } }) as unknown as PlatformServices

it('a look needs the role viewer', () => {
  const { outputDistributions } = distributionQueries(services)
  expect(() => outputDistributions(null, {}, as())).toThrow('this needs the role viewer')
  expect(looked).toEqual([])
  outputDistributions(null, { objective: 'A', model: null }, as('viewer'))
  expect(looked).toEqual([['A', undefined]])
})

it('viewers see labels, and text is for researchers', () => {
  const values = [{ value: 'a', count: 1 }]
  const of = (kind: OutputDistribution['kind']) => ({ kind, values }) as unknown as OutputDistribution
  expect(outputDistribution.values(of('enum'), {}, as('viewer'))).toBe(values)
  expect(outputDistribution.values(of('String'), {}, as('viewer'))).toBeNull()
  expect(outputDistribution.values(of('String'), {}, as('researcher'))).toBe(values)
})
