import { IncomingMessage } from 'node:http'
import { Socket } from 'node:net'
import { BodyMemory, readBody } from '../../../gateway/http/requestBody'
import { until } from '../../support/until'

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

test('a body that has come whole, but not been read to its end when its client leaves, is there for others', async () => {
  const memory = new BodyMemory(1_000_000, 0)
  const message = new IncomingMessage(new Socket())
  const resumes: (() => void)[] = []
  const read = readBody(message, 1_000_000, memory.open('a'), (resume) => resumes.push(resume))
  message.push(Buffer.alloc(150_000))
  await until(() => resumes.length === 1)
  message.push(Buffer.alloc(1_000))
  message.push(null)
  message.complete = true
  message.destroy()
  await expect(read).rejects.toMatchObject({ code: 'CANCELLED' })
  memory.open('b').grow(500_000)
})
