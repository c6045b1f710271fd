import { table } from '../../../cli/terminal/table'

it('takes more rows than a function takes arguments', () => {
  const lines = table([['row'], ...Array.from({ length: 200_000 }, (_, row) => [String(row)])]).split('\n')
  expect([lines.length, lines.at(-1)]).toEqual([200_001, '199999'])
})

it('writes a cell of several lines on one line, so that columns stay in place', () => {
  expect(
    table([
      ['  node', 'note'],
      ['! one', 'model.yaml:3: features: must be\n  a map\n'],
      ['  two', ''],
    ]),
  ).toBe(['  node  note', '! one   model.yaml:3: features: must be a map', '  two'].join('\n'))
})
