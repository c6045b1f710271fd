import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { packageRoot } from '../../lib/packagePaths'
import { writeConfig } from '../support/serverProcess'
import { startWorkerProcess, type WorkerProcess } from '../support/workerProcess'

interface Tensor {
  readonly name: string
  readonly datatype: string
  readonly shape: readonly number[]
  readonly data: readonly (string | number | boolean)[]
}

interface Golden {
  readonly tolerance?: number
  readonly cases: readonly {
    readonly input: Readonly<Record<string, unknown>>
    readonly output: Readonly<Record<string, unknown>>
  }[]
}

const roots = ['examples/streaming/models', 'examples/streaming/movielens/models']
const versions = roots.flatMap((root) =>
  readdirSync(join(packageRoot, root)).flatMap((model) =>
    readdirSync(join(packageRoot, root, model)).map(
      (version) => [model, version, join(packageRoot, root, model, version)] as const,
    ),
  ),
)

describe('the workflow of a version over the protocol', () => {
  let worker: WorkerProcess
  beforeAll(async () => {
    worker = await startWorkerProcess(writeConfig(() => ({ worker: { drain: 200 } })))
  }, 120_000)
  afterAll(() => worker?.stop())

  // biome-ignore lint/suspicious/noExplicitAny: answers of many shapes, each looked at by the test that asked for it
  async function ask(path: string, body?: object): Promise<{ status: number; json: any }> {
    const response = await fetch(`${worker.url}/v2/models/${path}`, {
      ...(body && { method: 'POST', body: JSON.stringify(body) }),
    })
    return { status: response.status, json: await response.json() }
  }

  it.each(versions)('%s@%s answers its golden cases', async (model, version, folder) => {
    const path = join(folder, 'golden.json')
    if (!existsSync(path)) return
    const { cases, tolerance = 1e-5 } = JSON.parse(readFileSync(path, 'utf8')) as Golden
    const at = `${model}:workflow/versions/${version}`
    const { json: metadata } = await ask(at)
    expect(metadata).toMatchObject({ name: `${model}:workflow`, platform: 'presage_workflow' })
    for (const { input, output } of cases.slice(0, 20)) {
      const inputs = metadata.inputs.flatMap(({ name, datatype }: Tensor) => {
        const value = input[name]
        if (value === undefined || value === null) return []
        const data = Array.isArray(value)
          ? JSON.stringify(value)
          : datatype === 'BYTES'
            ? String(value)
            : value
        return [{ name, datatype, shape: [1], data: [data] }]
      })
      const { status, json } = await ask(`${at}/infer`, { inputs })
      expect([status, json.error]).toEqual([200, undefined])
      for (const [name, expected] of Object.entries(output)) {
        const tensor: Tensor = json.outputs.find((one: Tensor) => one.name === name)
        const [value] = tensor.data
        if (typeof expected === 'number' && tensor.datatype === 'FP64') {
          expect(Math.abs(Number(value) - expected)).toBeLessThan(tolerance)
        } else if (typeof expected !== 'object') expect(String(value)).toBe(String(expected))
        else expect(close(JSON.parse(String(value)), expected, tolerance)).toBe(true)
      }
    }
  })

  it('names the row and the feature that is wrong', async () => {
    const { status, json } = await ask('abuse-score:workflow/infer', {
      inputs: [{ name: 'text', datatype: 'BYTES', shape: [1], data: ['x'] }],
    })
    expect([status, json.error]).toEqual([400, expect.stringMatching(/^inputs: must be .*, got "text"$/)])
    const risk = await ask('payment-risk:workflow/infer', {
      inputs: [{ name: 'age', datatype: 'INT64', shape: [2], data: [40, 50] }],
    })
    expect([risk.status, risk.json.error]).toEqual([400, expect.stringMatching(/^row 0: .*seniority/)])
  })
})

/** Whether two values are equal but for small differences of numbers. Ids may be numbers or texts. */
function close(value: unknown, expected: unknown, tolerance: number): boolean {
  if (typeof value === 'number' && typeof expected === 'number')
    return Math.abs(value - expected) <= tolerance
  if (typeof expected !== 'object' || expected === null || value === null)
    return String(value) === String(expected)
  return Object.entries(expected).every(([key, one]) =>
    close((value as Record<string, unknown>)[key], one, tolerance),
  )
}
