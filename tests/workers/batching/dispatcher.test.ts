import type { Batcher } from '../../../workers/batching/batcher'
import { Dispatcher } from '../../../workers/batching/dispatcher'
import type { Runner } from '../../../workers/batching/execution'
import { FakeClock } from '../../support/fakeClock'

const turn = () => new Promise((resolve) => setImmediate(resolve))

function setUp({ due = 0, ...parts }: Partial<Batcher> & { readonly due?: number } = {}) {
  const said: boolean[] = []
  let idle: Runner | undefined
  const batcher = {
    hasWork: false,
    isHeld: false,
    isSpare: false,
    gather: () => false,
    listen() {},
    dueAt: (): number => (batcher.hasWork ? due : Number.POSITIVE_INFINITY),
    nextDeadline: () => 0,
    nextSince: () => 0,
    nextClient: () => '',
    startNext() {
      batcher.hasWork = false
    },
    ...parts,
  }
  const dispatcher = new Dispatcher(() => idle, new FakeClock(), { waits: (is) => said.push(is) })
  dispatcher.add(batcher as unknown as Batcher)
  const submit = async () => {
    batcher.hasWork = true
    dispatcher.wake()
    await turn()
  }
  const free = async (runner: Runner | undefined) => {
    idle = runner
    dispatcher.freed()
    await turn()
  }
  return { said, batcher, dispatcher, submit, free }
}

const worker = {} as Runner

test('it says from when until when rows wait that no worker is idle for', async () => {
  const { said, submit, free } = setUp()
  await submit()
  await submit()
  expect(said).toEqual([true])
  await free(worker)
  expect(said).toEqual([true, false])
  await submit()
  expect(said).toEqual([true, false])
})

test.each<[string, Parameters<typeof setUp>[0]]>([
  ['nobody waits for', { isSpare: true }],
  ['are held for more of their kind', { isHeld: true }],
  ['are not due', { due: 1e9 }],
])('rows that %s are not short of workers', async (_, parts) => {
  const { said, submit } = setUp(parts)
  await submit()
  expect(said).toEqual([])
})

test('what waits no longer, since its time was up or its model goes, is short of nothing', async () => {
  const { said, batcher, dispatcher, submit, free } = setUp()
  await submit()
  batcher.hasWork = false
  await free(undefined)
  expect(said).toEqual([true, false])
  await submit()
  dispatcher.remove(batcher as unknown as Batcher)
  expect(said).toEqual([true, false, true, false])
})
