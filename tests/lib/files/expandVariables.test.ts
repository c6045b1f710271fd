import { LoadError } from '../../../lib/errors'
import { expandAll } from '../../../lib/files/expandVariables'

beforeAll(() => {
  process.env['PRESAGE_TEST_SET'] = 'value'
  delete process.env['PRESAGE_TEST_UNSET']
})

it('puts variables and defaults in their places, in texts of any depth', () => {
  const value = {
    a: `<\${env.PRESAGE_TEST_SET}>`,
    b: [`\${env.PRESAGE_TEST_UNSET:-a:-b}`, 7, null],
    c: { d: `\${env.PRESAGE_TEST_UNSET:-}` },
  }
  expect(expandAll(value, () => 'f')).toEqual({ a: '<value>', b: ['a:-b', 7, null], c: { d: '' } })
})

it('takes the default for a variable that is empty, as a shell does', () => {
  process.env['PRESAGE_TEST_EMPTY'] = ''
  const value = [
    `\${env.PRESAGE_TEST_EMPTY:-a}`,
    `\${env.PRESAGE_TEST_EMPTY:-}`,
    `\${env.PRESAGE_TEST_EMPTY}`,
  ]
  expect(expandAll(value, () => 'f')).toEqual(['a', '', ''])
})

it('names the place of each that is not set or not understood', () => {
  const value = { a: [`\${env.PRESAGE_TEST_UNSET}`], b: `\${PRESAGE_TEST_SET}` }
  expect(() => expandAll(value, (path) => `presage.yaml:${path.length}`)).toThrow(
    new LoadError([
      `presage.yaml:3: a.0: must name an environment variable that is set, got "\${env.PRESAGE_TEST_UNSET}"`,
      `presage.yaml:1: b: must use \${env.NAME} or \${env.NAME:-default}, got "\${PRESAGE_TEST_SET}"`,
    ]),
  )
})
