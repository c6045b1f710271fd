import { Deadlines, type Expirable } from '../../lib/clock'
import { FakeClock } from '../support/fakeClock'

function deadlines() {
  const clock = new FakeClock()
  const all = new Deadlines<Expirable>(clock)
  const rung: string[] = []
  const add = (name: string, inMs: number) =>
    all.add({ dueAt: clock.now() + inMs, expire: () => rung.push(name) })
  return { clock, all, rung, add }
}

test('each is told at its time, whatever the order they came in', () => {
  const { clock, rung, add } = deadlines()
  add('late', 30)
  add('early', 10)
  add('between', 20)
  clock.advance(10)
  expect(rung).toEqual(['early'])
  clock.advance(19)
  expect(new Set(rung)).toEqual(new Set(['early', 'between']))
  clock.advance(1)
  expect(new Set(rung)).toEqual(new Set(['early', 'between', 'late']))
})

test('what was taken back is not told', () => {
  const { clock, all, rung, add } = deadlines()
  const place = add('gone', 10)
  add('stays', 10)
  all.remove(place)
  clock.advance(10)
  expect(rung).toEqual(['stays'])
})

test('one timer runs, however many come and go', () => {
  const { clock, all, add } = deadlines()
  for (let n = 0; n < 100; n++) {
    all.remove(add('gone', 10))
    add('stays', 10)
    clock.advance(0.01)
  }
  expect(clock.pending).toBe(1)
})

test('nothing that never comes is waited for', () => {
  const { clock, add } = deadlines()
  add('never', Number.POSITIVE_INFINITY)
  expect(clock.pending).toBe(0)
})

test('what is over when it comes is told as soon as the clock has a turn', () => {
  const { clock, rung, add } = deadlines()
  add('past', -5)
  expect(rung).toEqual([])
  clock.advance(0)
  expect(rung).toEqual(['past'])
})
