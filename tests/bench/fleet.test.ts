import { Fleet, type FleetOptions } from '../../bench/fleet/fleet'
import { cell } from '../../bench/fleet/settings'
import { runTrial } from '../../bench/fleet/trial'
import { calm } from '../../bench/fleet/troubles'
import { VirtualTime } from '../../bench/fleet/virtualTime'

const small: FleetOptions = {
  ...cell,
  gateways: 2,
  servers: 5,
  versions: 6,
  requestsPerSecond: 1_000,
  server: { ...cell.server, pausesPerSecond: 0 },
}

describe('a simulated fleet', () => {
  let fleet: Fleet
  let lines: string[]

  beforeEach(async () => {
    lines = []
    fleet = new Fleet(new VirtualTime(1), { ...small, log: (line) => lines.push(line) })
    await fleet.start()
  })

  const settled = () => {
    const { asked, settled, inTime } = fleet.outcomes
    return { settled: settled - asked, inTime: inTime - asked }
  }

  it('holds each version on as many servers as it shall, the same for all gateways', async () => {
    await fleet.ask(500)
    await fleet.stop(1_000)
    expect(fleet.keys.map((key) => fleet.holdersOf(key).length)).toEqual(fleet.keys.map(() => small.copies))
    expect(fleet.outcomes.asked).toBeGreaterThan(400)
    expect(settled()).toEqual({ settled: 0, inTime: 0 })
  })

  it('answers all in time while a server is lost, and moves only its versions', async () => {
    await fleet.ask(200)
    const before = fleet.keys.map((key) => fleet.holdersOf(key))
    const [lost] = before[0]
    fleet.servers.find(({ address }) => address === lost)!.kill()
    // Less than it takes to begin anew.
    await fleet.ask(1_500)
    for (const [at, key] of fleet.keys.entries()) {
      const holders = fleet.holdersOf(key)
      expect(holders).toHaveLength(small.copies)
      expect(holders).toEqual(expect.arrayContaining(before[at].filter((address) => address !== lost)))
    }
    await fleet.stop(1_000)
    expect(settled()).toEqual({ settled: 0, inTime: 0 })
    expect(lines.filter((line) => line.includes(`${lost} gets no more rows`))).toHaveLength(small.gateways)
  })
})

it('gives a version whose rows wait in servers, where no gateway sees them, a copy, and none to others there', async () => {
  const lines: string[] = []
  const crowded: FleetOptions = {
    ...small,
    gateways: 40,
    requestsPerSecond: 750,
    // 240 requests a second for each server; the first version is asked 300 times.
    server: { ...small.server, fixedMs: 0, rowMs: 0.042 },
    log: (line) => lines.push(line),
  }
  const fleet = new Fleet(new VirtualTime(1), crowded)
  await fleet.start()
  const holders = () => fleet.keys.map((key) => fleet.holdersOf(key))
  const [hot, ...others] = holders()
  expect(others.filter((one) => one.join() === hot.join())).toHaveLength(2)
  await fleet.ask(4_000)
  expect(holders()).toEqual([expect.arrayContaining(hot), ...others])
  expect(holders()[0]).toHaveLength(3)
  expect(lines.filter((line) => line.includes('since its rows waited'))).not.toEqual([])
  fleet.count()
  await fleet.ask(1_000)
  const { inTime, asked } = fleet.count()
  expect(inTime / asked).toBeGreaterThan(0.95)
})

it('is the same in every run with the same seed, and another with another', async () => {
  const quiet = { ...small, requestsPerSecond: 200 }
  const [one, same, other] = [
    await runTrial(quiet, calm(200), 7),
    await runTrial(quiet, calm(200), 7),
    await runTrial(quiet, calm(200), 8),
  ]
  expect(one).toEqual(same)
  expect(one.p99).not.toBe(other.p99)
})
