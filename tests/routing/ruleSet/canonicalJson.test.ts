import fc from 'fast-check'
import { canonicalJson } from '../../../routing/ruleSet/canonicalJson'

it('sorts keys at every level and writes no spaces', () => {
  expect(
    canonicalJson({ b: [{ d: null, c: 'é "x"\n' }], a: { '10': 1.5, '9': -0, A: true, '': 1e21 } }),
  ).toBe('{"a":{"":1e+21,"10":1.5,"9":0,"A":true},"b":[{"c":"é \\"x\\"\\n","d":null}]}')
})

it('leaves out what is undefined', () => {
  expect(canonicalJson({ a: undefined, b: 1 })).toBe('{"b":1}')
})

it('keeps a key of the name __proto__', () => {
  expect(canonicalJson(JSON.parse('{"b":1,"__proto__":{"a":2}}'))).toBe('{"__proto__":{"a":2},"b":1}')
})

it.each([
  [undefined, 'undefined'],
  [{ a: Number.NaN }, 'NaN'],
  [[Number.POSITIVE_INFINITY], 'Infinity'],
  [[undefined], 'undefined'],
  [() => 1, 'function'],
  [1n, 'bigint'],
])('refuses %p', (value, got) => {
  expect(() => canonicalJson(value)).toThrow(new TypeError(`must be a value of JSON, got ${got}`))
})

it('says the same of equal values, whatever the order of their keys, and reads back as what it was', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      const text = canonicalJson(value)
      expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(value)))
      expect(canonicalJson(reversed(JSON.parse(text)))).toBe(text)
    }),
  )
})

function reversed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(reversed)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([key, inner]) => [key, reversed(inner)]),
  )
}
