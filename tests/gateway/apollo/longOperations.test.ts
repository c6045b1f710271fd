import { setImmediate as turn } from 'node:timers/promises'
import { longOperationsInTurns } from '../../../gateway/apollo/longOperations'
import { createClientRequest } from '../../../lib/request/clientRequest'

const request = createClientRequest({ id: '1', deadline: 1000 })
const long = `{ ${Array.from({ length: 300 }, (_, at) => `a${at}: __typename`).join(' ')} }`

// Apollo Server's types want all that it has; this reads no more.
const listenerOf = (query: string) =>
  longOperationsInTurns.requestDidStart!({ request: { query }, contextValue: { request } } as never)

async function turnsOf(hook: Promise<unknown> | undefined): Promise<number> {
  let isOver = false
  hook?.then(() => {
    isOver = true
  })
  for (let turns = 0; ; turns++) {
    await Promise.resolve()
    if (isOver || hook === undefined) return turns
    await turn()
  }
}

test('a long operation that is new is validated and compiled in turns of their own', async () => {
  const listener = (await listenerOf(long))!
  expect(await turnsOf(listener.validationDidStart?.({} as never))).toBeGreaterThan(0)
  expect(await turnsOf(listener.didResolveOperation?.({} as never))).toBeGreaterThan(0)
})

test('one that was validated before waits for nothing', async () => {
  const listener = (await listenerOf(long))!
  expect(await turnsOf(listener.didResolveOperation?.({} as never))).toBe(0)
})

test('a short one is not looked at', async () => {
  expect(await listenerOf('{ __typename }')).toBeUndefined()
})
