import { coloursFor } from '../../../cli/terminal/colours'

const red = (isTTY: boolean, env: Record<string, string>) => coloursFor({ isTTY }, env).red('x') !== 'x'

test.each([
  ['a terminal', true, {}, true],
  ['a pipe', false, {}, false],
  ['a terminal with NO_COLOR', true, { NO_COLOR: '1' }, false],
  ['a terminal with an empty NO_COLOR', true, { NO_COLOR: '' }, true],
  ['a dumb terminal', true, { TERM: 'dumb' }, false],
  ['a pipe with FORCE_COLOR', false, { FORCE_COLOR: '1' }, true],
  ['a pipe with an empty FORCE_COLOR', false, { FORCE_COLOR: '' }, true],
  ['a terminal with FORCE_COLOR=0', true, { FORCE_COLOR: '0' }, false],
  ['both, of which the one that forces wins', false, { FORCE_COLOR: '1', NO_COLOR: '1' }, true],
])('%s', (_, isTTY, env, expected) => {
  expect(red(isTTY, env as Record<string, string>)).toBe(expected)
})
