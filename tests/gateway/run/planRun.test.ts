import { defaultAnswerBudget } from '../../../gateway/limits/answerBudget'
import { expired, PlanRun } from '../../../gateway/run/planRun'
import { Deadlines } from '../../../lib/clock'
import { answerMemory } from '../../../lib/execution/answerMemory'
import { AbortableCaller } from '../../../lib/request/caller'
import { createClientRequest } from '../../../lib/request/clientRequest'
import { nextTurn } from '../../../lib/scheduling/turns'
import { FakeClock } from '../../support/fakeClock'

const clock = new FakeClock()

function begin() {
  const request = createClientRequest({ id: '1', deadline: clock.now() + 100 })
  return new PlanRun(request, new Deadlines<PlanRun>(clock), defaultAnswerBudget)
}

/** Whether nothing of the memory for answers is held. */
function isAllFree(): boolean {
  const isFree = answerMemory.takes(answerMemory.most)
  if (isFree) answerMemory.release(answerMemory.most)
  return isFree
}

test('what an answer holds is free when it has been given', () => {
  const run = begin()
  expect(run.takes(1000, 'Query.a')).toBe(true)
  expect(isAllFree()).toBe(false)
  run.dispose()
  expect(isAllFree()).toBe(true)
})

test('nor does what goes on beside a failure that ended the answer', () => {
  const run = begin()
  run.dispose()
  expect(run.takes(1000, 'Query.a')).toBe(false)
  expect(isAllFree()).toBe(true)
})

test('resolvers that come back after the answer was given hold nothing any more', () => {
  const run = begin()
  run.expire()
  run.dispose()
  expect(run.takes(1000, 'Query.a')).toBe(false)
  expect(isAllFree()).toBe(true)
})

test('work that stops because its client has gone is not waited for', async () => {
  const caller = new AbortableCaller()
  const request = createClientRequest({ id: '1', deadline: clock.now() + 100, caller })
  const run = new PlanRun(request, new Deadlines<PlanRun>(clock), defaultAnswerBudget)
  const answer = run.inTime(new Promise(() => {}))
  const resumed = new Promise<void>((resolve) => run.later(resolve))
  caller.leave()
  await resumed
  expect(await Promise.race([answer, nextTurn()])).toBe(expired)
  run.dispose()
})
