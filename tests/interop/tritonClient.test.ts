import { join } from 'node:path'
import { run } from '../support/pythonVenv'
import { writeTensorRepository } from '../support/tensorRepository'
import { startWorkerProcess, type WorkerProcess } from '../support/workerProcess'
import { interopEnvironment, interopPython, withoutPython } from './interopPython'

if (interopPython === undefined) {
  console.warn(`skipped: ${withoutPython}`)
  it.skip(`skipped: ${withoutPython}`, () => {})
} else {
  const found = interopPython
  describe("Triton's Python client", () => {
    let worker: WorkerProcess
    let python: string
    beforeAll(async () => {
      python = interopEnvironment(found)
      worker = await startWorkerProcess(writeTensorRepository().config)
    }, 600_000)
    afterAll(async () => {
      expect(await worker?.stop()).toBe(0)
    })

    it('gets from presage worker what it gets from Triton: its own suite passes over HTTP and gRPC', () => {
      const { host } = new URL(worker.url)
      expect(run(python, [join(__dirname, 'triton_client.py'), host, worker.address])).toBe('')
    }, 120_000)
  })
}
