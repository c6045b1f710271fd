import { table } from '../../../cli/terminal/table'

it('writes a cell of several lines on one line, so that columns stay in place', () => {
  expect(
    table([
      ['  node', 'note'],
      ['! one', 'model.yaml:3: features: must be\n  a map\n'],
      ['  two', ''],
    ]),
  ).toBe(['  node  note', '! one   model.yaml:3: features: must be a map', '  two'].join('\n'))
})
