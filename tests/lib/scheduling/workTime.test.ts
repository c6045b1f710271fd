import { startWork } from '../../../lib/scheduling/workTime'

it('the time in which this process did not run is no work', () => {
  const workMs = startWork()
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1_000)
  expect(workMs()).toBeLessThan(500)
  for (const began = process.cpuUsage(); process.cpuUsage(began).user < 50_000; );
  expect(workMs()).toBeGreaterThanOrEqual(50)
})
