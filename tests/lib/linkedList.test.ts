import { LinkedList } from '../../lib/linkedList'

test('items stand in the order they came, whichever of them go', () => {
  const roster = new LinkedList<string>()
  const [a, b, c, d] = ['a', 'b', 'c', 'd'].map((item) => roster.add(item))
  expect(roster.toArray()).toEqual(['a', 'b', 'c', 'd'])
  roster.remove(b)
  expect(roster.toArray()).toEqual(['a', 'c', 'd'])
  roster.remove(a)
  roster.remove(d)
  expect([roster.first, roster.size]).toEqual(['c', 1])
  roster.add('e')
  roster.remove(c)
  expect(roster.toArray()).toEqual(['e'])
})

test('an item leaves once', () => {
  const roster = new LinkedList<number>()
  const place = roster.add(1)
  roster.add(2)
  expect([roster.remove(place), roster.remove(place)]).toEqual([true, false])
  expect([roster.size, roster.first]).toEqual([1, 2])
})

test('what has left knows nobody who is still in', () => {
  const roster = new LinkedList<number>()
  const place = roster.add(1)
  roster.add(2)
  roster.remove(place)
  expect({ ...place }).toEqual({ item: 1, isIn: false, before: undefined, after: undefined })
})

test('the first is taken out until none is left', () => {
  const roster = new LinkedList<number>()
  for (const item of [1, 2]) roster.add(item)
  expect([roster.takeFirst(), roster.size, roster.first]).toEqual([1, 1, 2])
  roster.add(3)
  expect([roster.takeFirst(), roster.takeFirst(), roster.takeFirst()]).toEqual([2, 3, undefined])
  expect([roster.size, roster.first, roster.last]).toEqual([0, undefined, undefined])
})

it('puts an item before those at the end that it overtakes', () => {
  const roster = new LinkedList<number>()
  const places = [3, 1, 2, 3, 0, 9, 2].map((item) => roster.addBefore(item, (one, other) => other > one))
  expect(roster.toArray()).toEqual([0, 1, 2, 2, 3, 3, 9])
  expect([roster.first, roster.last]).toEqual([0, 9])
  roster.remove(places[4])
  roster.remove(places[5])
  expect(roster.toArray()).toEqual([1, 2, 2, 3, 3])
  expect([roster.first, roster.last, roster.size]).toEqual([1, 3, 5])
})
