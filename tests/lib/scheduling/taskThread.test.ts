import { join } from 'node:path'
import { TaskThread, type TaskThreadOptions } from '../../../lib/scheduling/taskThread'

interface Task {
  readonly at: string
  readonly does?: 'refuse' | 'hang' | 'grow' | 'say'
  readonly ms?: number
  readonly parts?: readonly unknown[]
  readonly reply?: string
}

let thread: TaskThread<Task, string>
const start = (options: Partial<TaskThreadOptions> = {}) => {
  // Relative to the compiled files, as entries are.
  const entry = join('..', 'tests/support/taskChild')
  thread = new TaskThread<Task, string>({ entry, ...options })
}
afterEach(() => thread.stop())

it('answers with the reply and the parts, in order', async () => {
  start()
  const { reply, parts } = await thread.run({ at: 'a', parts: [1, ['two'], 3], reply: 'done' }, 'a')
  expect(reply).toBe('done')
  expect([...parts]).toEqual([1, ['two'], 3])
})

it('does one task after the other', async () => {
  start()
  const answers = ['one', 'two', 'three'].map((reply) => thread.run({ at: 'a', reply }, 'a'))
  expect((await Promise.all(answers)).map(({ reply }) => reply)).toEqual(['one', 'two', 'three'])
})

it('rejects with what a task was refused for', async () => {
  start()
  await expect(thread.run({ at: 'a', does: 'refuse' }, 'a')).rejects.toMatchObject({
    problems: ['a: must be b', 'c: must be d'],
  })
})

it('gives up what never ends, names what it was at, and does the next', async () => {
  start({ limitMs: 3_000 })
  const hanging = thread.run({ at: 'model.yaml', does: 'hang' }, 'models/x/1')
  const next = thread.run({ at: 'a', reply: 'done' }, 'a')
  await expect(hanging).rejects.toMatchObject({ problems: ['model.yaml: must be read within 3 s'] })
  expect((await next).reply).toBe('done')
})

it('gives up what takes too much memory, and does the next', async () => {
  start({ heapMiB: 32 })
  await expect(thread.run({ at: 'model.yaml', does: 'grow' }, 'models/x/1')).rejects.toMatchObject({
    problems: ['model.yaml: must be read with 32 MiB of memory'],
  })
  expect((await thread.run({ at: 'a', reply: 'done' }, 'a')).reply).toBe('done')
})

it('waits for what goes on, longer than one thing may take', async () => {
  start({ limitMs: 3_000 })
  const { reply } = await thread.run({ at: 'a', does: 'say', ms: 4_000, reply: 'done' }, 'a')
  expect(reply).toBe('done')
})

it('gives up what is under way when it is stopped, and takes nothing more', async () => {
  start()
  const hanging = thread.run({ at: 'a', does: 'hang' }, 'a')
  const refused = expect(hanging).rejects.toThrow('a: is not read, because this process is shutting down')
  await new Promise((resolve) => setImmediate(resolve))
  thread.stop()
  await refused
  await expect(thread.run({ at: 'b' }, 'b')).rejects.toThrow(
    'b: is not read, because this process is shutting down',
  )
})
