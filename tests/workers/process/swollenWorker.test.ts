import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { noMetrics } from '../../../lib/metrics'
import { Pool } from '../../../workers/pool/pool'
import { startProcessWorker } from '../../../workers/process/processWorker'
import { allocatingGraph } from '../../support/allocatingGraph'
import { FakeClock } from '../../support/fakeClock'
import { until } from '../../support/until'

it('a process that keeps most of its memory is replaced while it serves, without losing a run', async () => {
  const graphPath = join(mkdtempSync(join(tmpdir(), 'presage-swollen-')), 'model.onnx')
  writeFileSync(graphPath, allocatingGraph())
  const clock = new FakeClock()
  const lines: string[] = []
  const memoryBytes = 260 * 2 ** 20
  const pool = await Pool.open({
    name: 'main',
    kind: 'process',
    workers: 1,
    start: (id) => startProcessWorker(id, { stallAfterMs: 3_600_000, clock, memoryBytes }),
    clock,
    metrics: noMetrics,
    log: (line) => lines.push(line),
  })
  const run = async (mebibytes: number) => {
    await until(() => pool.idle('allocating@1') !== undefined)
    const tensor = { type: 'float32', dims: [1, 1], data: Float32Array.of(mebibytes) } as const
    const { tensors } = await pool.idle('allocating@1')!.infer('allocating@1', { x: tensor }, 1)
    return tensors['y'].data[0]
  }
  await pool.load('allocating@1', graphPath)
  const [{ pid }] = pool.status()
  // The runtime keeps what the run took.
  expect(await run(160)).toBe(160)
  clock.advance(200)
  expect(lines).toEqual([])

  clock.advance(60_000)
  let isReplaced = false
  const answers: unknown[] = []
  while (!isReplaced) {
    answers.push(await run(1))
    clock.advance(200)
    isReplaced = pool.status()[0].pid !== pid
  }
  expect(lines).toEqual([
    'shard main: worker main-1 takes most of its memory, and is replaced while it serves',
  ])
  expect(answers).toEqual(answers.map(() => 1))
  await until(() => pool.status().length === 1)
  expect(await run(2)).toBe(2)
  await pool.dispose()
})
