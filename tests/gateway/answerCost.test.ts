import { AnswerCost } from '../../gateway/answerCost'

function learned(answerMs: number): AnswerCost {
  const cost = new AnswerCost()
  for (let interval = 0; interval < 20; interval++) cost.observe(100 * answerMs, 100, 0)
  return cost
}

describe('what an answer takes', () => {
  it('is not known before twenty of them, nor once it has been forgotten', () => {
    const cost = new AnswerCost()
    cost.observe(5, 19, 0)
    expect(cost.estimate).toBeUndefined()
    cost.observe(0.25, 1, 0)
    expect(cost.estimate).toBeCloseTo(5.25 / 20)
    cost.forget()
    expect(cost.estimate).toBeUndefined()
  })

  it('is no more for all the refusals beside it', () => {
    const cost = learned(0.25)
    for (let interval = 0; interval < 100; interval++) cost.observe(0.25 + 400 * 0.06, 1, 400)
    expect(cost.estimate).toBeCloseTo(0.25, 2)
  })

  it('follows answers that have become dearer, and cheaper again', () => {
    const cost = learned(0.25)
    for (let interval = 0; interval < 40; interval++) cost.observe(50, 50, 0)
    expect(cost.estimate).toBeCloseTo(1)
    for (let interval = 0; interval < 40; interval++) cost.observe(12.5, 50, 0)
    expect(cost.estimate).toBeCloseTo(0.25)
  })

  it('moves by a fifth at most for an interval that took long', () => {
    const cost = learned(0.25)
    cost.observe(500, 4, 0)
    expect(cost.estimate).toBeCloseTo(0.3)
  })
})
