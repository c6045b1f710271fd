import { PlainError } from '../../lib/errors'
import { createErrorLog, createTextLog } from '../../lib/log'

test('errors are written whole, a bounded number a second, and what was left out is counted', () => {
  let now = 0
  const lines: string[] = []
  const text = createTextLog('error', 'gateway', (line) => lines.push(line))
  const log = createErrorLog(text, { now: () => now, after: () => () => {} }, { perSecond: 2 })
  const error = new Error('outer', { cause: new Error('inner') })
  for (let i = 0; i < 5; i++) log(error, { requestId: 'r1' })
  expect(lines).toHaveLength(2)
  expect(lines[0]).toMatch(
    /^gateway: internal error: requestId=r1: Error: outer\n {4}at [\s\S]*cause[\s\S]*inner/,
  )
  now = 1000
  log('text')
  expect(lines.slice(2)).toEqual([
    'gateway: internal error: 3 more were not logged\n',
    "gateway: internal error: 'text'\n",
  ])
})

test('an error whose line says everything is written without a stack', () => {
  const lines: string[] = []
  const text = createTextLog('error', 'gateway', (line) => lines.push(line))
  const log = createErrorLog(text, { now: () => 0, after: () => () => {} })
  log(new PlainError('subgraph a: must answer'), { requestId: 'r1' })
  expect(lines).toEqual(['gateway: subgraph a: must answer: requestId=r1\n'])
})
