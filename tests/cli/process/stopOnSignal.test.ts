import { join } from 'node:path'
import { packageRoot } from '../../../lib/packagePaths'
import { type NodeProcess, startNode } from '../../support/nodeProcess'

let child: NodeProcess
afterEach(async () => {
  await child.stop('SIGKILL')
})

async function start(
  how: 'closes' | 'is late' | 'fails' | 'has not started' | 'hangs' | 'busy',
  graceMs = 60_000,
): Promise<void> {
  child = await startNode(
    [join(packageRoot, 'tests/support/stoppingChild.js'), how, String(graceMs)],
    /^up$/m,
  )
}

/**
 * What it ended with, and after how many milliseconds. Signals go to it until it ends: two that reach it within a tenth of
 * a second are one, and on a busy machine they may.
 */
async function end(signal: NodeJS.Signals) {
  const began = performance.now()
  const again = setInterval(() => child.stop(signal), 500)
  const code = await child.stop(signal).finally(() => clearInterval(again))
  return { code, ms: performance.now() - began }
}

const once = async (signal: NodeJS.Signals = 'SIGTERM') => {
  const began = performance.now()
  return { code: await child.stop(signal), ms: performance.now() - began }
}

it('closes, and ends with 0', async () => {
  await start('closes')
  expect(await once()).toMatchObject({ code: 0 })
})

it('closes, and ends with 0, when its thread is busy for a while before it hears the signal', async () => {
  await start('is late')
  expect(await once()).toMatchObject({ code: 0 })
  expect(child.stderr()).not.toContain('a second time')
})

it('ends with 1 where closing failed', async () => {
  await start('fails')
  expect(await once()).toMatchObject({ code: 1 })
  expect(child.stderr()).toContain('it cannot be closed')
})

it('tells why the start failed that was still under way, without a stack', async () => {
  await start('has not started')
  expect(await once()).toMatchObject({ code: 1 })
  expect(child.stderr()).toMatch(/^server\.port: must be free\n1 problem$/m)
  expect(child.stderr()).not.toMatch(/^ +at /m)
})

it('closes once on a signal that comes twice at once, as npm passes it on', async () => {
  await start('closes')
  process.kill(child.pid, 'SIGINT')
  expect(await once('SIGINT')).toMatchObject({ code: 0 })
  expect(child.stderr().match(/closing/g)).toHaveLength(1)
})

it('is ended by the signal when its grace is over and it hangs', async () => {
  await start('hangs', 500)
  const { code, ms } = await once()
  expect(code).toBe('SIGTERM')
  expect(ms).toBeGreaterThan(500)
  expect(child.stderr()).toContain('the shutdown did not finish within 1100 ms')
})

it('is ended when its grace is over and its thread is busy for ever', async () => {
  await start('busy', 500)
  expect(await once()).toMatchObject({ code: 'SIGKILL' })
  expect(child.stderr()).toContain('the shutdown did not finish within 1100 ms')
})

it.each([
  ['hangs', 'SIGTERM', 'SIGTERM'],
  ['hangs', 'SIGINT', 'SIGINT'],
  ['busy', 'SIGTERM', 'SIGKILL'],
] as const)('is ended at once by a second signal when it %s (%s)', async (how, signal, ending) => {
  await start(how)
  const { code, ms } = await end(signal)
  expect(code).toBe(ending)
  // Long before its grace is over.
  expect(ms).toBeLessThan(30_000)
  expect(child.stderr()).toContain(`${signal} came a second time`)
})
