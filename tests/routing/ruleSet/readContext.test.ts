import { readContext } from '../../../routing/ruleSet/readContext'

const contextTypes = new Map([['age', 'number' as const]])
const written = { country: '', age: '', member: '12' }

it('an empty value of a deployment counts as absent, as an empty header does', () => {
  const contextKeys = new Set(['country', 'age', 'member'])
  expect(readContext(written, { contextKeys, contextTypes })).toEqual({ member: '12' })
})

it('without a deployment, an empty text is there', () => {
  expect(readContext(written, { contextTypes })).toEqual({ country: '', member: '12' })
})
