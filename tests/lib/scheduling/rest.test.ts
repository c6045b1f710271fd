import { Rest } from '../../../lib/scheduling/rest'

test('what the loop idles is no rest while something waits for a worker', () => {
  let idle = 0
  const rest = new Rest(() => idle)
  idle = 10
  expect(rest.ms()).toBe(10)
  rest.waits(true)
  idle = 25
  expect(rest.ms()).toBe(10)
  rest.waits(false)
  idle = 30
  expect(rest.ms()).toBe(15)
})

test('it rests again when the last of those who wait has stopped', () => {
  let idle = 0
  const rest = new Rest(() => idle)
  rest.waits(true)
  rest.waits(true)
  idle = 5
  rest.waits(false)
  idle = 8
  expect(rest.ms()).toBe(0)
  rest.waits(false)
  idle = 9
  expect(rest.ms()).toBe(1)
})
