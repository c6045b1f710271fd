import { BodyMemory } from '../../../gateway/http/requestBody'

const full = expect.objectContaining({ code: 'OVERLOADED' })

/** How many bytes bodies of a client get, in steps of 10. */
function fill(memory: BodyMemory, client: string): number {
  for (let length = 10; ; length += 10) {
    try {
      memory.open(client).grow(10)
    } catch (error) {
      expect(error).toEqual(full)
      return length - 10
    }
  }
}

test('who sends nothing but beginnings gets half of it, and the next ones halves of what is left', () => {
  const memory = new BodyMemory(800, 0)
  expect(fill(memory, 'a')).toBe(400)
  expect(fill(memory, 'b')).toBe(200)
  expect(fill(memory, 'c')).toBe(100)
  expect(fill(memory, 'a')).toBe(0)
})

test('a body counts once, however often it grows, and not with its first bytes', () => {
  const memory = new BodyMemory(800, 100)
  const long = memory.open('a')
  for (const length of [100, 300, 500]) long.grow(length)
  expect(() => long.grow(501)).toThrow(full)
  memory.open('a').grow(100)
  expect(() => memory.open('a').grow(101)).toThrow(full)
})

test('what is released is there for others, and only once', () => {
  const memory = new BodyMemory(800, 0)
  const one = memory.open('a')
  one.grow(400)
  expect(() => memory.open('a').grow(1)).toThrow(full)
  one.release()
  one.release()
  expect(fill(memory, 'b')).toBe(400)
})
