import { AnswerMemory } from '../../../lib/execution/answerMemory'

test('answers take memory until it is all taken, and again when it is released', () => {
  const memory = new AnswerMemory(100)
  expect([memory.takes(60), memory.takes(41), memory.takes(40), memory.takes(1)]).toEqual([
    true,
    false,
    true,
    false,
  ])
  memory.release(60)
  expect([memory.takes(61), memory.takes(60)]).toEqual([false, true])
})

test('what is there already is held in any case, and leaves that much less to others', () => {
  const memory = new AnswerMemory(100)
  memory.hold(150)
  expect(memory.takes(1)).toBe(false)
  memory.release(100)
  expect(memory.takes(50)).toBe(true)
})
