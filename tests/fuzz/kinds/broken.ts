import fc from 'fast-check'
import { type Kind, kindOf } from './kind'

/** Code that does, for one input or another, all that the command looks for. It is asked by its test alone. */
export async function startBroken(): Promise<Kind> {
  return kindOf<number>({
    inputs: fc.integer({ min: 0, max: 99 }),
    async feed(input) {
      if (input >= 50 && input < 60) throw new Error(`fails with ${input}`)
      if (input === 60) void Promise.reject(new Error('nobody handles this'))
      if (input === 61) process.abort()
      while (input === 62);
      return input % 2 === 0 ? 'taken' : 'refused'
    },
    show: String,
    limitMs: 500,
  })
}
