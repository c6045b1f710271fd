import { ObjectiveLimiters } from '../../../serving/rules/objectiveLimiters'
import { OwnRows } from '../../../serving/rules/rowBudget'
import { FakeClock } from '../../support/fakeClock'

const perSecond = 10

function limiting(maxHolders?: number) {
  const clock = new FakeClock()
  const limiters = new ObjectiveLimiters(() => new OwnRows(clock), maxHolders)
  const take = (holder: string | undefined, asked: number) =>
    limiters.of('RATE', holder).take(asked, perSecond)
  return { clock, limiters, take }
}

it('each client or tenant has rows of its own, and none of the objective’s', () => {
  const { limiters, take } = limiting()
  expect([take('a', 8), take('b', 8), take(undefined, 8)]).toEqual([8, 8, 8])
  expect([take('a', 8), take('b', 8), take(undefined, 8)]).toEqual([2, 2, 2])
  expect(limiters.of('OTHER', 'a').take(8, perSecond)).toBe(8)
})

it('an attacker’s use is never a neighbour’s, whoever comes first', () => {
  const { clock, limiters } = limiting()
  const rows = { attacker: 0, neighbour: 0 }
  // 256 connections of 100 rows each in a closed loop of 10 ms, and a neighbour with 5 rows 50 times a second.
  for (let ms = 0; ms < 5000; ms += 10) {
    for (let connection = 0; connection < 256; connection++)
      rows.attacker += limiters.of('RATE', 'tenant attacker').take(100, 1000)
    if (ms % 20 === 0) rows.neighbour += limiters.of('RATE', 'tenant neighbour').take(5, 1000)
    clock.advance(10)
  }
  expect(rows.neighbour).toBe(5 * 250)
  // A bucket that was full, and what has come in since.
  expect(rows.attacker).toBe(1000 + 4990)
})

it('who has all rows again is forgotten when others come, and nobody else', () => {
  const { clock, limiters, take } = limiting()
  take('idle', 10)
  clock.advance(1000)
  take('busy', 10)
  take('new', 1)
  expect(limiters.holders).toBe(2)
  expect(take('busy', 10)).toBe(0)
})

it('beyond so many of them, those go that were not here for the longest time', () => {
  const { limiters, take } = limiting(100)
  take('a', 10)
  for (let i = 0; i < 99; i++) take(`other ${i}`, 10)
  expect(take('a', 10)).toBe(0)
  for (let i = 0; i < 5000; i++) take(`another ${i}`, 10)
  expect(limiters.holders).toBeLessThanOrEqual(100)
  expect(take('a', 10)).toBe(10)
})

it('who has requests under way is not forgotten, or it could begin as many again', () => {
  const { limiters, take } = limiting(4)
  expect(limiters.of('RATE', 'a').enter(1)).toBe(true)
  for (let i = 0; i < 50; i++) take(`other ${i}`, 10)
  expect(limiters.of('RATE', 'a').enter(1)).toBe(false)
  limiters.of('RATE', 'a').leave()
  for (let i = 0; i < 50; i++) take(`another ${i}`, 10)
  expect(limiters.holders).toBeLessThanOrEqual(4)
})
