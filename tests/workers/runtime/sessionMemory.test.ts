import { SessionMemory } from '../../../workers/runtime/onnx'
import { settle } from '../../support/fakeClock'

const mebibyte = 2 ** 20
let resident: number

beforeEach(() => {
  resident = 100 * mebibyte
  jest.spyOn(process.memoryUsage, 'rss').mockImplementation(() => resident)
})
afterEach(() => jest.restoreAllMocks())

class Session {
  released = 0
  async release(): Promise<void> {
    this.released++
  }
}

function start() {
  const first = new Session()
  const second = new Session()
  let opened = 0
  const memory = new SessionMemory(first, async () => {
    opened++
    if (fails) throw new Error('gone')
    return second
  })
  let fails = false
  return {
    first,
    second,
    memory,
    opened: () => opened,
    fail: () => {
      fails = true
    },
  }
}

it('replaces the session after a long run over which the process grew by much, and releases it', async () => {
  const { first, second, memory } = start()
  expect(memory.begin()).toBe(first)
  resident += 300 * mebibyte
  memory.ended(50)
  await settle()
  expect(memory.begin()).toBe(second)
  expect(first.released).toBe(1)
})

it('releases it only when no run is left that began on it', async () => {
  const { first, memory } = start()
  memory.begin()
  memory.begin()
  resident += 300 * mebibyte
  memory.ended(50)
  await settle()
  expect(first.released).toBe(0)
  memory.ended(1)
  expect(first.released).toBe(1)
})

it.each([
  ['a short run', 19, 300],
  ['a run over which it grew by little', 50, 200],
])('leaves the session as it is after %s', async (_, ms, grown) => {
  const { memory, opened } = start()
  memory.begin()
  resident += grown * mebibyte
  memory.ended(ms)
  await settle()
  expect(opened()).toBe(0)
})

it('goes on with the session where there is no other, and tries again when it grows again', async () => {
  const { first, memory, opened, fail } = start()
  fail()
  for (const times of [1, 2]) {
    expect(memory.begin()).toBe(first)
    resident += 300 * mebibyte
    memory.ended(50)
    await settle()
    expect(opened()).toBe(times)
  }
  expect(first.released).toBe(0)
})
