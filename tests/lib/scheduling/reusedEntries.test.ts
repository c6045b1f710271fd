import { ReusedEntries } from '../../../lib/scheduling/reusedEntries'

test('an entry that is idle is used again; the idle ones go once there are many, and no other', () => {
  let made = 0
  const entries = new ReusedEntries(
    (key) => ({ key, isUsed: false, number: made++ }),
    ({ isUsed }) => !isUsed,
  )
  const used = entries.getOrMake('used', 0)
  used.isUsed = true
  const first = entries.getOrMake('idle', 1)
  expect(entries.getOrMake('idle', 1)).toBe(first)
  for (let n = 0; n < 64; n++) entries.getOrMake(`one of many ${n}`, 1)
  expect(entries.get('idle')).toBe(first)
  entries.getOrMake('one too many', 1)
  expect(entries.get('idle')).toBeUndefined()
  expect(entries.get('used')).toBe(used)
  expect(made).toBe(67)
})
