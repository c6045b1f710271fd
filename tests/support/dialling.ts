import { systemClock } from '../../lib/clock'
import { RemoteWorker, type RemoteWorkerOptions } from '../../workers/remote/remoteWorker'
import type { Shard } from '../../workers/shard'
import type { FakeClock } from './fakeClock'
import { until } from './until'

/** Dials a server as `RemoteWorker.start` does; again where the machine stood still for the second that an answer may take. */
export async function dial(options: Omit<RemoteWorkerOptions, 'clock'>): Promise<RemoteWorker> {
  for (;;) {
    try {
      return await RemoteWorker.start('test', { ...options, clock: systemClock })
    } catch (error) {
      if (!/deadline/i.test((error as Error).message)) throw error
    }
  }
}

/** Settles when a shard has reached all of its servers, which it may have to dial again. `clock` is the shard's, if a fake one. */
export function untilJoined(shard: Shard, clock?: FakeClock): Promise<void> {
  return until(() => {
    if (shard.status().workers.every(({ state }) => state === 'idle')) return true
    clock?.advance(100)
    return false
  })
}
