import { Agent } from 'node:http'
import { setTimeout as wait } from 'node:timers/promises'
import type { ModelLoadRepository } from './modelLoadRepository'
import { post } from './post'
import type { BenchServer } from './servers'
import { threadsOf } from './threads'

/** As models/repository/repositoryWatch has it. */
const quietMs = 1_000

/** Of `performance.now()`: what was sent from `from` on and before `to` belongs to it. */
export interface Window {
  readonly from: number
  readonly to: number
}

export interface Phases {
  /** Nothing comes or goes. */
  readonly calm: Window
  /** From when it is copied until it is ready: mostly the second for which its files must stand still. */
  readonly coming: Window
  /** The end of that, in which it is read and hashed, gets its sessions, is warmed and checked by its golden cases. */
  readonly loading: Window
  /** Workers are replaced, one after the other, by ones that never held what was removed. */
  readonly renewing: Window
}

/** A server whose workers are threads, and the repository that it watches. */
export interface Watching {
  readonly server: BenchServer
  readonly repository: ModelLoadRepository
}

/** Brings a version in (`name@version`, under another number) and lets it go again. What happens when is told by what the server says and by its threads. */
export async function runPhases(
  { server, repository }: Watching,
  version: string,
  calmSeconds: number,
): Promise<Phases> {
  const calm = await during(() => wait(calmSeconds * 1000))
  const from = performance.now()
  const key = await repository.add(version)
  const copiedAt = performance.now()
  const came = await reload(server)
  const to = performance.now()
  if (!came.includes(`${key} is ready on main`))
    throw new Error(`${key} must be ready, got ${came.join('; ')}`)
  await wait(300)

  const before = threadsOf(server.pids[0])
  await repository.remove(key)
  await reload(server)
  const renewing = await renewal(server.pids[0], before)
  await wait(300)
  return { calm, coming: { from, to }, loading: { from: copiedAt + quietMs, to }, renewing }
}

async function during(act: () => Promise<unknown>): Promise<Window> {
  const from = performance.now()
  await act()
  return { from, to: performance.now() }
}

/** From when the first new thread is there until no more come and go: workers are replaced one after the other, and a shard may have started one or all. */
async function renewal(pid: number, before: ReadonlySet<string>): Promise<Window> {
  const end = performance.now() + 30_000
  let from: number | undefined
  let to = performance.now()
  let last = before
  for (let now = last; from === undefined || performance.now() - to < settledMs; now = threadsOf(pid)) {
    if (performance.now() > end) throw new Error('workers must be renewed when what they hold is gone')
    if (now.size !== last.size || [...now].some((thread) => !last.has(thread))) to = performance.now()
    if ([...now].some((thread) => !before.has(thread))) from ??= to
    last = now
    await wait(10)
  }
  return { from, to }
}

/** A new worker takes a fraction of a second until it holds everything, and the one before it ends then. */
const settledMs = 2_000

/** As `presage models reload` does it; what was done. */
async function reload({ url }: BenchServer): Promise<readonly string[]> {
  const agent = new Agent()
  const answer = await post(new URL('/v1/models:reload', url).href, agent, '{}')
  agent.destroy()
  return (JSON.parse(answer) as { readonly done: readonly string[] }).done
}
