import { Placement } from '../../../workers/remote/placement'

interface Server {
  address: string
  isUp: boolean
  refused: Set<string>
  refuses(key: string): boolean
}

const server = (at: number): Server => ({
  address: `10.0.0.${at}:8000`,
  isUp: true,
  refused: new Set(),
  refuses(key) {
    return this.refused.has(key)
  },
})
const servers = (count: number) => Array.from({ length: count }, (_, at) => server(at))
const keys = Array.from({ length: 1_000 }, (_, at) => `model-${at}@1`)

function placed(copies: number, all: readonly Server[]) {
  const placement = new Placement<Server>(copies)
  placement.change(all)
  return placement
}
const mapOf = (placement: Placement<Server>) =>
  new Map(keys.map((key) => [key, placement.holders(key).map(({ address }) => address)]))

it('gives each server its share of the versions', () => {
  const all = servers(10)
  const counts = new Map<string, number>()
  for (const holders of mapOf(placed(2, all)).values())
    for (const address of holders) counts.set(address, (counts.get(address) ?? 0) + 1)
  expect([...counts.values()].reduce((sum, one) => sum + one)).toBe(2_000)
  // 200 each; the standard deviation of a binomial share is 13.
  for (const count of counts.values()) expect(Math.abs(count - 200)).toBeLessThan(5 * 13)
})

it('is the same in every process, in whatever order the servers are listed', () => {
  const all = servers(10)
  expect(mapOf(placed(2, [...all].reverse()))).toEqual(mapOf(placed(2, all)))
})

it('moves only the versions of a server that goes down, and back when it is up again', () => {
  const all = servers(10)
  const placement = placed(2, all)
  const before = mapOf(placement)
  all[3].isUp = false
  placement.change(all)
  const without = mapOf(placement)
  for (const key of keys) {
    const kept = before.get(key)!.filter((address) => address !== all[3].address)
    expect(without.get(key)).toHaveLength(2)
    expect(without.get(key)!.slice(0, kept.length)).toEqual(kept)
  }
  all[3].isUp = true
  placement.change(all)
  expect(mapOf(placement)).toEqual(before)
})

it('moves to a server that comes only what it takes over', () => {
  const all = servers(10)
  const before = mapOf(placed(2, all.slice(0, 9)))
  const after = mapOf(placed(2, all))
  let moved = 0
  for (const key of keys) {
    const others = after.get(key)!.filter((address) => address !== all[9].address)
    expect(before.get(key)).toEqual(expect.arrayContaining(others))
    moved += 2 - others.length
  }
  expect(Math.abs(moved - 200)).toBeLessThan(5 * 13)
})

it('passes over servers that refuse a version', () => {
  const all = servers(4)
  const placement = placed(1, all)
  const [first] = placement.holders('a@1')
  first.refused.add('a@1')
  placement.change(all)
  const [next] = placement.holders('a@1')
  expect(next).not.toBe(first)
  expect(placement.holders('b@1')).toHaveLength(1)
  for (const one of all) one.refused.add('a@1')
  placement.change(all)
  expect(placement.holders('a@1')).toEqual([])
})

it('says what a server would hold if it were up', () => {
  const all = servers(4)
  const placement = placed(1, all)
  const [first] = placement.holders('a@1')
  first.isUp = false
  placement.change(all)
  expect(placement.holders('a@1')).not.toContain(first)
  expect(placement.wouldHold('a@1', first)).toBe(true)
  const last = all.find((one) => !placement.wouldHold('a@1', one))
  expect(last).toBeDefined()
})

it('adds and gives up copies one by one, and keeps the first ones', () => {
  const all = servers(3)
  const placement = placed(1, all)
  const [first] = placement.holders('a@1')
  expect(placement.hasRoom('a@1')).toBe(true)
  placement.grow('a@1')
  placement.grow('a@1')
  expect(placement.holders('a@1')).toHaveLength(3)
  expect(placement.holders('a@1')[0]).toBe(first)
  expect(placement.hasRoom('a@1')).toBe(false)
  expect(placement.holders('b@1')).toHaveLength(1)
  const last = placement.holders('a@1')[2]
  expect(placement.shrink('a@1')).toBe(last)
  expect(placement.hasGrown('a@1')).toBe(true)
  placement.shrink('a@1')
  expect(placement.hasGrown('a@1')).toBe(false)
  expect(placement.shrink('a@1')).toBeUndefined()
  expect(placement.holders('a@1')).toEqual([first])
})

it('uses every server if a version may have as many copies', () => {
  const all = servers(3)
  const placement = placed(Number.POSITIVE_INFINITY, all)
  expect(new Set(placement.holders('a@1'))).toEqual(new Set(all))
  expect(placement.hasRoom('a@1')).toBe(false)
})
