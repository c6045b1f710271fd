import { InlineChoice, isSurprise, runsInline, trialRuns } from '../../../workers/batching/schedule'

describe('a run', () => {
  it.each([
    [0.02, false, true, 'is made inline if it is short'],
    [1, false, true, 'up to 1 ms'],
    [1.01, false, false, 'and not if it is longer'],
    [1.5, true, true, 'up to 1.5 ms where the one before it was inline'],
    [1.51, true, false, 'and not above'],
    [Number.POSITIVE_INFINITY, true, false, 'nor if nobody knows'],
  ])('of %d ms, after inline %s: %s, it %s', (estimate, ranInline, expected) => {
    expect(runsInline(estimate, ranInline)).toBe(expected)
  })

  it.each([
    [30, 0.1, true, 'if it took much longer than expected'],
    [1.4, 0.1, false, 'not if it was short enough even so'],
    [3, 2, false, 'not if it was about as long as expected'],
  ])('of %d ms instead of %d is a surprise: %s, %s', (ms, estimate, expected) => {
    expect(isSurprise(ms, estimate)).toBe(expected)
  })
})

/** Held, and measured with these sizes. */
function choiceOf(ms: (rows: number) => number, sizes: readonly number[] = [1, 32]): InlineChoice {
  const choice = new InlineChoice()
  for (const rows of sizes) choice.observe(rows, ms(rows))
  choice.isHeld = true
  return choice
}

describe('where a version runs', () => {
  it('is a thread as long as it has no session here', () => {
    const choice = choiceOf(() => 0.01)
    choice.isHeld = false
    expect(choice.takes(1, 0)).toBe(false)
  })

  it('depends on the batch: small ones inline, those that take long on a thread', () => {
    const choice = choiceOf((rows) => 0.02 + 0.01 * rows, [1, 32, 100, 200, 1, 32, 100, 200])
    expect(choice.takes(50, 0)).toBe(true)
    expect(choice.takes(200, 0)).toBe(false)
    expect(choice.takes(50, 0)).toBe(true)
  })

  it('counts what else is to run in this turn', () => {
    const choice = choiceOf(() => 0.4)
    expect(choice.takes(1, 0)).toBe(true)
    expect(choice.takes(1, 0.8)).toBe(true)
    expect(choice.takes(1, 1.3)).toBe(false)
    expect(choice.takes(1, 0.8)).toBe(false)
  })

  it('is a thread for a batch more than four times as large as any that was measured', () => {
    const choice = choiceOf(() => 0.01)
    expect(choice.takes(128, 0)).toBe(true)
    expect(choice.takes(129, 0)).toBe(false)
    choice.observe(129, 0.02)
    expect(choice.takes(500, 0)).toBe(true)
  })

  it('does not go back and forth where the cost lies between the bounds', () => {
    const choice = choiceOf(() => 0.9, [1])
    expect(choice.takes(1, 0)).toBe(true)
    const decisions = []
    for (let run = 0; run < 40; run++) {
      choice.observe(1, run % 2 === 0 ? 1.4 : 1.1)
      decisions.push(choice.takes(1, 0))
    }
    expect(new Set(decisions)).toEqual(new Set([true]))
    for (let run = 0; run < 40; run++) choice.observe(1, 1.8)
    expect(choice.takes(1, 0)).toBe(false)
    for (let run = 0; run < 20; run++) choice.observe(1, 1.2)
    expect(choice.takes(1, 0)).toBe(false)
    for (let run = 0; run < 20; run++) choice.observe(1, 0.8)
    expect(choice.takes(1, 0)).toBe(true)
  })

  it('is a thread after a single run that surprised, until enough went as expected', () => {
    for (const ms of [3, 30]) {
      const choice = choiceOf(() => 0.1)
      expect(choice.takes(1, 0)).toBe(true)
      choice.observe(1, ms)
      for (let run = 0; run < trialRuns(ms); run++) {
        expect(choice.takes(1, 0)).toBe(false)
        choice.observe(1, 0.1)
      }
      expect(choice.takes(1, 0)).toBe(true)
    }
  })

  it('is tried for longer after a run that would have hurt', () => {
    expect(trialRuns(3)).toBe(1)
    expect(trialRuns(30)).toBe(8)
  })

  it('stays a thread for a version that has become slow', () => {
    const choice = choiceOf(() => 0.1)
    for (let run = 0; run < 200; run++) {
      choice.observe(1, 30)
      expect(choice.takes(1, 0)).toBe(false)
    }
  })
})
