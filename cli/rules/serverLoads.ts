import { setTimeout as delay } from 'node:timers/promises'
import { readRuleSet } from '../../routing/apart/readRuleSet'
import { namedVersions, shardsOf } from '../../routing/ruleSet/ruleSet'
import type { RuleStore } from '../../routing/store/ruleStore'
import { type PlacedServer, Placement } from '../../workers/remote/placement'
import type { RemoteWorker } from '../../workers/remote/remoteWorker'
import type { Config } from '../config/config'
import { withPlaces } from '../config/shards/settingPlaces'
import { type OpenServer, withServers } from '../shardCommands/openServers'

/** A version that rules bring into use on a shard with servers elsewhere, and the servers that should hold it. */
export interface ServerLoads {
  /** `name@version` */
  readonly version: string
  readonly shard: string
  /** Why the shard's servers are not known now; null if they are. */
  readonly problem: string | null
  readonly servers: readonly {
    readonly address: string
    /** Why it has not loaded the version; null if it has. */
    readonly problem: string | null
  }[]
}

/**
 * Has the servers that should hold what rule set `number` of the store names, and `active` does not, load it. Resolves when
 * they have, or cannot, or `ms` after all were dialled; loads go on after that. Asks no server if there is nothing to load.
 * Throws a LoadError for a text that is not a rule set, and for certificates that cannot be used.
 */
export async function loadOnServers(
  { file, shards }: Pick<Config, 'file' | 'shards'>,
  store: RuleStore,
  number: number,
  active: number | null,
  ms: number,
): Promise<readonly ServerLoads[]> {
  if (!Object.values(shards).some(({ members }) => members)) return []
  const next = await placesOf(store, number)
  const before = new Set((active === null ? [] : await placesOf(store, active)).map(textOf))
  const places = next.filter((place) => !before.has(textOf(place)))
  const far = [...new Set(places.map(({ shard }) => shard))].filter((name) => shards[name]?.members)
  const loads = far.map((shard) => {
    const keys = places.filter((place) => place.shard === shard).map(({ key }) => key)
    return loadOn(shard, shards[shard], keys, ms)
  })
  return (await withPlaces(file, () => Promise.all(loads))).flat()
}

/** Whether all servers that should hold it have loaded it. */
export function isLoaded({ problem, servers }: ServerLoads): boolean {
  return problem === null && servers.every((one) => one.problem === null)
}

export function loadLine({ version, shard, problem, servers }: ServerLoads): string {
  const loaded = servers.filter((one) => one.problem === null).map(({ address }) => address)
  const others = servers.flatMap((one) => (one.problem === null ? [] : [`${one.address}: ${one.problem}`]))
  const parts = [
    ...(problem === null ? [] : [problem]),
    loaded.length === 0 ? 'loaded nowhere' : `loaded at ${loaded.join(', ')}`,
    ...others,
  ]
  return `${version} on ${shard}: ${parts.join('; ')}`
}

interface Place {
  readonly key: string
  readonly shard: string
}

const textOf = ({ key, shard }: Place) => `${key} ${shard}`

/** Nowhere, if there is no such rule set. */
async function placesOf(store: RuleStore, number: number): Promise<readonly Place[]> {
  const version = await store.get(number)
  if (version === undefined) return []
  const ruleSet = await readRuleSet(version.text, `version ${number}`)
  const keys = Object.keys(ruleSet.objectives).flatMap((objective) => namedVersions(ruleSet, objective))
  return [...new Set(keys)].flatMap((key) => shardsOf(ruleSet, key).map((shard) => ({ key, shard })))
}

async function loadOn(
  shard: string,
  settings: Config['shards'][string],
  keys: readonly string[],
  ms: number,
): Promise<readonly ServerLoads[]> {
  return withServers(shard, settings, async (servers, problem) => {
    // A server that did not answer has not taken the time of the others.
    const until = Date.now() + ms
    const loads = keys.map(async (version) => {
      const problems = await loadInOrder(servers, version, settings.copies, until)
      const told = servers.flatMap(({ address, ...one }) => {
        if ('reason' in one) return [{ address, problem: one.reason }]
        const found = problems.get(address)
        return found === undefined ? [] : [{ address, problem: found }]
      })
      return { version, shard, problem, servers: told }
    })
    // Other servers than Presage workers do not tell.
    return (await Promise.all(loads)).filter((one) => one.problem !== null || one.servers.length > 0)
  })
}

/** Where one cannot, the next in the version's order is asked. Returns by address why it has not loaded it, or null. */
async function loadInOrder(
  servers: readonly OpenServer[],
  key: string,
  copies = Number.POSITIVE_INFINITY,
  until: number,
): Promise<ReadonlyMap<string, string | null>> {
  const problems = new Map<string, string | null>()
  const placement = new Placement<PlacedServer & { worker: RemoteWorker }>(copies)
  const placed = servers.flatMap(({ address, worker }) =>
    worker ? [{ address, worker, isUp: true, refuses: () => typeof problems.get(address) === 'string' }] : [],
  )
  const asked = new Set<RemoteWorker>()
  for (;;) {
    placement.change(placed)
    const next = placement.holders(key).filter(({ worker }) => !asked.has(worker))
    if (next.length === 0 || (asked.size > 0 && Date.now() >= until)) return problems
    for (const { worker } of next) asked.add(worker)
    const load = async ({ address, worker }: (typeof next)[number]) =>
      problems.set(address, await problemOf(worker, key, until))
    await Promise.all(next.filter(({ worker }) => worker.isPresage).map(load))
  }
}

/** Why a server has not loaded a version by then; null if it has. */
async function problemOf(worker: RemoteWorker, key: string, until: number): Promise<string | null> {
  const late = delay(Math.max(0, until - Date.now()), 'it is still loading', { ref: false })
  const load = worker.wake(key).then(
    () => null,
    (error: Error) => error.message,
  )
  return Promise.race([load, late])
}
