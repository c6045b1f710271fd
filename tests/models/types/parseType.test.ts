import { parseType, printType } from '../../../models/types/parseType'

test.each([
  ['Int', 'Int'],
  ['[ID!]', '[ID!]'],
  [{ type: 'enum', labels: ['APPROVE', 'REVIEW', 'DECLINE'] }, 'APPROVE | REVIEW | DECLINE'],
  [{ type: 'entity', of: 'Title' }, 'Title'],
  [
    { type: 'list', of: { title: { type: 'entity', of: 'Title' }, score: 'Float' } },
    '[{ title: Title, score: Float }]',
  ],
  [{ type: 'list', of: { type: 'entity', of: 'Title' } }, '[Title!]'],
  [{ type: 'list', of: { type: 'enum', labels: ['A', 'B'] } }, '[(A | B)!]'],
  [{ type: 'list', of: { type: 'String', count: 'Int' } }, '[{ type: String, count: Int }]'],
])('%j reads as %s', (source, printed) => {
  const report = jest.fn()
  const type = parseType(source, report)
  expect(report).not.toHaveBeenCalled()
  expect(type && printType(type)).toBe(printed)
})

test('lists do not nest', () => {
  const report = jest.fn()
  expect(parseType({ type: 'list', of: { tags: '[String!]' } }, report)).toBeUndefined()
  expect(report).toHaveBeenCalledWith(['of', 'tags'], 'must not be a list inside a list')
})
