import { formatCount, formatNumber } from '../../../console/page/parts/format'

it('writes counts as whole numbers, also those that a Prometheus estimates', () => {
  expect([2.9, 0.2, 1234.5, 7].map(formatCount)).toEqual(['3', '0', '1,235', '7'])
  expect(formatNumber(2.94)).toBe('2.94')
})
