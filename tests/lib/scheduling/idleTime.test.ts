import { IdleTime } from '../../../lib/scheduling/idleTime'

test('what the loop idles is no idleTime while something waits for a worker', () => {
  let idle = 0
  const idleTime = new IdleTime(() => idle)
  idle = 10
  expect(idleTime.ms()).toBe(10)
  idleTime.waits(true)
  idle = 25
  expect(idleTime.ms()).toBe(10)
  idleTime.waits(false)
  idle = 30
  expect(idleTime.ms()).toBe(15)
})

test('it rests again when the last of those who wait has stopped', () => {
  let idle = 0
  const idleTime = new IdleTime(() => idle)
  idleTime.waits(true)
  idleTime.waits(true)
  idle = 5
  idleTime.waits(false)
  idle = 8
  expect(idleTime.ms()).toBe(0)
  idleTime.waits(false)
  idle = 9
  expect(idleTime.ms()).toBe(1)
})
