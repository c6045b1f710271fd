import { RepresentationList } from '../../../gateway/execution/representations'

test('entities with one key and different values are not all compared with each other', () => {
  const list = new RepresentationList()
  let reads = 0
  const counted = (size: number) => ({
    __typename: 'Item',
    id: '0',
    get size() {
      reads++
      return size
    },
  })
  const entities = 1000
  for (let at = 0; at < entities; at++) expect(list.add(counted(at), '0')).toBe(at)
  expect(list.add(counted(3), '0')).toBe(3)
  expect(reads).toBeLessThan((entities * entities) / 10)
})
