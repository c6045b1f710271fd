import { join } from 'node:path'
import { loadedInTime } from '../../../cli/graph/loadedInTime'

const file = join(process.cwd(), 'shop/resolvers.mjs')

beforeEach(() => jest.useFakeTimers())
afterEach(() => jest.useRealTimers())

it('gives a module 30 seconds, although timers of its own still run', async () => {
  const loading = loadedInTime(file, new Promise(() => {}))
  const refused = expect(loading).rejects.toThrow(
    /^shop\/resolvers.mjs: must load within 30 s, got a top-level await that does not settle$/,
  )
  const listeners = process.listenerCount('beforeExit')
  jest.advanceTimersByTime(30_000)
  await refused
  expect(process.listenerCount('beforeExit')).toBe(listeners - 1)
})

it('leaves nothing behind of a module that has loaded', async () => {
  const listeners = process.listenerCount('beforeExit')
  expect(await loadedInTime(file, Promise.resolve(1))).toBe(1)
  await Promise.resolve()
  expect(jest.getTimerCount()).toBe(0)
  expect(process.listenerCount('beforeExit')).toBe(listeners)
})

it('refuses all that are loading once nothing is left that could settle them, with one listener', async () => {
  const listeners = process.listenerCount('beforeExit')
  const refused = Array.from({ length: 12 }, () =>
    expect(loadedInTime(file, new Promise(() => {}))).rejects.toThrow('must load within 30 s'),
  )
  expect(process.listenerCount('beforeExit')).toBe(listeners + 1)
  process.emit('beforeExit', 0)
  await Promise.all(refused)
  expect(jest.getTimerCount()).toBe(0)
  expect(process.listenerCount('beforeExit')).toBe(listeners)
})
