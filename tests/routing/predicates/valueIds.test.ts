import { ValueIds } from '../../../routing/predicates/valueIds'

test('values that every rule takes alike share an id, and others do not', () => {
  const ids = new ValueIds([{ semver: '<2.0.0' }, { semver: '^2.0.0' }, { semver: '<2.0.0' }])
  const [old, older, recent, none] = ['1.9.0', '1.0.0', '2.4.0', 'no version'].map((text) => ids.of(text))
  expect(older).toBe(old)
  expect(new Set([old, recent, none]).size).toBe(3)
  expect(ids.of(undefined)).toBe(none)
  expect(ids.size).toBe(4)
})

test('with more demands than a value is asked for, each value has an id of its own', () => {
  const ids = new ValueIds(Array.from({ length: 257 }, (_, at) => ({ prefix: `p${at}` })))
  expect(ids.of('x')).not.toBe(ids.of('y'))
  expect(ids.of('x')).toBe(ids.of('x'))
})

test('what was forgotten is met anew, and makes room', () => {
  const ids = new ValueIds([{ prefix: 'a' }])
  for (let at = 0; at < 300; at++) ids.of(`other ${at}`)
  expect(ids.of('abc')).toBe(-1)
  ids.forget()
  expect(ids.of('abc')).toBe(0)
  expect(ids.of('other 1')).toBe(1)
})
