import { InlineWorker } from '../../../workers/inline/inlineSeat'
import { paymentRisk, workerContract, zeros } from '../../contracts/worker'

describe('an inline worker', () => {
  workerContract(async () => new InlineWorker('test'))

  it('leaves the tensors where they are: nothing is moved away', async () => {
    const worker = new InlineWorker('test')
    await worker.load('payment-risk@1', paymentRisk)
    const tensors = zeros(2, 26)
    await worker.infer('payment-risk@1', tensors)
    expect(tensors.features.data).toHaveLength(52)
    await worker.dispose()
  })

  it('counts the time of the runtime alone, not what this thread does until then', async () => {
    const worker = new InlineWorker('test')
    await worker.load('payment-risk@1', paymentRisk)
    await worker.infer('payment-risk@1', zeros(1, 26))
    const blockedMs = 300
    setImmediate(() => blockFor(blockedMs))
    const running = worker.infer('payment-risk@1', zeros(1, 26))
    blockFor(blockedMs)
    expect((await running).computeMs).toBeLessThan(blockedMs)
    await worker.dispose()
  })
})

function blockFor(ms: number): void {
  const end = performance.now() + ms
  while (performance.now() < end) {}
}
