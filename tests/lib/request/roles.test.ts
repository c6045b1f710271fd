import { PresageError } from '../../../lib/errors'
import { grantedRoles, requireRole } from '../../../lib/request/roles'

it('a role holds those below it, and other names mean nothing', () => {
  expect(grantedRoles(['operator'])).toEqual(['viewer', 'researcher', 'operator'])
  expect(grantedRoles(['admin', 'researcher', 7])).toEqual(['viewer', 'researcher'])
  expect(grantedRoles(['Operator', null, ['operator']])).toEqual([])
  expect(grantedRoles([])).toEqual([])
})

it('a request without the role is refused, and told which', () => {
  expect(() => requireRole({ roles: ['viewer'] }, 'viewer')).not.toThrow()
  expect(() => requireRole({ roles: ['viewer'] }, 'researcher')).toThrow(
    new PresageError('FORBIDDEN', 'this needs the role researcher', { role: 'researcher' }),
  )
})
