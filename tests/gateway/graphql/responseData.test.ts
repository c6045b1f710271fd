import { mergeInto } from '../../../gateway/graphql/responseData'

test('a part that several places share is merged once', () => {
  let reads = 0
  const person = {
    get name() {
      reads++
      return 'Ann'
    },
  }
  const part = { tags: ['a', 'b'], cast: [person] }
  const target: Record<string, unknown> = {}
  for (let place = 0; place < 3; place++) mergeInto(target, part)
  expect(reads).toBe(0)
  // A list of scalars was copied for each place.
  expect(target.tags).toBe(part.tags)
})
