import { join } from 'node:path'
import { findPython, run, venvWith } from '../support/pythonVenv'
import { writeTensorRepository } from '../support/tensorRepository'
import { startWorkerProcess, type WorkerProcess } from '../support/workerProcess'

const found = findPython()

if (found === undefined) {
  const reason = 'no Python 3.10 or later with venv and pip in PATH, and PYTHON names none'
  console.warn(`skipped: ${reason}`)
  it.skip(`skipped: ${reason}`, () => {})
} else {
  describe("Triton's Python client", () => {
    let worker: WorkerProcess
    let python: string
    beforeAll(async () => {
      python = venvWith(found, join(__dirname, 'requirements.txt'))
      worker = await startWorkerProcess(writeTensorRepository().config)
    }, 300_000)
    afterAll(async () => {
      expect(await worker?.stop()).toBe(0)
    })

    it('gets from presage worker what it gets from Triton: its own suite passes over HTTP and gRPC', () => {
      const { host } = new URL(worker.url)
      expect(run(python, [join(__dirname, 'triton_client.py'), host, worker.address])).toBe('')
    }, 120_000)
  })
}
