import { readPasted } from '../../../console/page/explain/pasted'

const entry = { path: 'a', objective: 'RATE', ruleSet: 1, model: 'a@1', reason: 'rule', rule: 'kids' }
const answer = (...predictions: unknown[]) => ({ data: {}, extensions: { presage: { predictions } } })

const read = (value: unknown) => readPasted(JSON.stringify(value))

it.each([answer(entry), answer(entry).extensions, [entry], entry, { ...entry, cell: null }])(
  'reads an answer, or what it holds: %j',
  (value) => {
    expect(read(value)).toEqual([entry])
  },
)

it('reads the answers of several operations, of which some explain nothing', () => {
  const second = { ...entry, path: 'b' }
  expect(read([answer(entry), { data: {} }, answer(second, entry)])).toEqual([entry, second, entry])
})

it('an error before any decision is told too, beside what was decided and alone', () => {
  const failed = { path: 'b', objective: 'RATE', error: 'BAD_FEATURE' }
  expect(read(answer(entry, failed))).toEqual([entry, failed])
  expect(read(answer(failed))).toEqual([failed])
})

it.each([
  [{ shadows: 'a@2' }, 'shadows must be a list of texts, got "a@2"'],
  [{ flags: ['NO_UNIT', {}] }, 'flags must be a list of texts, got ["NO_UNIT",{}]'],
  [{ ruleSet: 1.5 }, 'ruleSet must be a whole number, 0 or more, got 1.5'],
  [{ bucket: 'q' }, 'bucket must be a whole number, 0 or more, got "q"'],
  [{ path: { a: 1 } }, 'path must be a text, got {"a":1}'],
  [{ model: 1 }, 'model must be a text, got 1'],
  [{ fallback: { by: 'a@1' } }, 'fallback must be an object with the texts by and code, got {"by":"a@1"}'],
])('says what is wrong with an entry: %j', (wrong, says) => {
  expect(read(answer(entry, { ...entry, ...wrong }))).toBe(`Prediction 2: ${says}.`)
})

it.each([null, [], 1, { data: {} }, answer(), [{ data: {} }], { model: 'a@1' }])(
  'says that there is no explanation: %j',
  (value) => {
    expect(read(value)).toMatch(/^It has no explanation/)
  },
)
