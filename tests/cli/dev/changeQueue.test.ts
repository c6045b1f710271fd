import { ChangeQueue, type Step } from '../../../cli/dev/changeQueue'
import { LoadError } from '../../../lib/errors'
import { until } from '../../support/until'

/** A queue whose attempts are held until the test lets them end. */
function heldQueue() {
  const attempts: { readonly step: Step; readonly end: (problems?: readonly string[]) => void }[] = []
  const lines: string[] = []
  const queue = new ChangeQueue({
    serve: (step) =>
      new Promise<void>((resolve, reject) => {
        const end = (problems?: readonly string[]) =>
          problems === undefined ? resolve() : reject(new LoadError(problems))
        attempts.push({ step, end })
      }),
    isServing: () => true,
    log: (line) => lines.push(line),
  })
  const attempt = async (number: number) => {
    await until(() => attempts.length >= number)
    return attempts[number - 1]
  }
  return { queue, attempts, attempt, lines }
}

test('what is saved together is served at once, by the step that all of it needs', async () => {
  const { queue, attempts, attempt, lines } = heldQueue()
  queue.add('graph', 'a.graphql')
  queue.add('resolvers', 'resolvers.js')
  const { step, end } = await attempt(1)
  end()
  await until(() => lines.length > 0)
  expect([step, attempts.length, lines]).toEqual(['resolvers', 1, ['a.graphql, resolvers.js: served']])
})

test('what comes while another change is served is served after it', async () => {
  const { queue, attempts, attempt } = heldQueue()
  queue.add('runtime', 'objective A')
  const first = await attempt(1)
  queue.add('graph', 'a.graphql')
  queue.add('graph', 'b.graphql')
  expect(attempts).toHaveLength(1)
  first.end()
  expect((await attempt(2)).step).toBe('graph')
})

test('what failed is due again with the next change, and its problems are logged once', async () => {
  const { queue, attempt, lines } = heldQueue()
  queue.add('resolvers', 'resolvers.js')
  const first = await attempt(1)
  queue.log('resolvers.js:1: wrong')
  first.end(['resolvers.js:1: wrong'])
  await until(() => lines.length === 2)
  expect(lines).toEqual(['resolvers.js:1: wrong', 'the last working state stays in service'])

  queue.add('graph', 'a.graphql')
  const second = await attempt(2)
  expect(second.step).toBe('resolvers')
  second.end()
  await until(() => lines.length === 3)
  queue.add('graph', 'a.graphql')
  expect((await attempt(3)).step).toBe('graph')
})

test('a retry is silent while the problem is the same, and is none where nothing failed or more would be needed', async () => {
  const { queue, attempts, attempt, lines } = heldQueue()
  queue.retry('runtime')
  queue.add('runtime', 'objective A')
  ;(await attempt(1)).end(['wrong'])
  await until(() => lines.length === 2)
  // What is being served is over in a later turn; a retry before that would be none anyway.
  await new Promise((resolve) => setImmediate(resolve))
  queue.retry('resolvers')
  await queue.close()
  expect(attempts).toHaveLength(1)

  const other = heldQueue()
  other.queue.add('graph', 'a.graphql')
  ;(await other.attempt(1)).end(['wrong'])
  await until(() => other.lines.length === 2)
  await until(() => {
    other.queue.retry('resolvers')
    return other.attempts.length === 2
  })
  other.attempts[1].end(['wrong'])
  const told = ['wrong', 'the last working state stays in service']
  await new Promise((resolve) => setImmediate(resolve))
  expect(other.lines).toEqual(told)

  other.queue.retry('resolvers')
  ;(await other.attempt(3)).end()
  await other.queue.close()
  expect(other.lines).toEqual([...told, 'mended: served'])
})
