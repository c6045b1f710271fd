import { LoadError, show } from '../../lib/errors'
import { didYouMean } from '../../lib/files/nearMiss'
import { loadRepository, type RepositoryVersion } from '../../models/repository/repository'
import { notLoaded } from '../../serving/repository/modelRegistry'
import { readLoad } from '../../workers/remote/balancing/serverLoad'
import type { Config } from '../config/config'
import { withPlaces } from '../config/shards/settingPlaces'
import { type JsonOption, printResult } from '../terminal/printResult'
import { table } from '../terminal/table'
import { type OpenServer, withServers } from './openServers'
import { otherFiles } from './otherFiles'

interface ServerStatus {
  readonly address: string
  /** Why it gets no rows; null if it may. */
  readonly problem: string | null
  /** Its use of the machine's cores, from 0 to 1; null if it does not tell. */
  readonly cpu: number | null
  /** Rows that wait in it; null if it does not tell. */
  readonly queuedRows: number | null
  /** `name@version` of what it has loaded; null if it does not tell. */
  readonly loaded: readonly string[] | null
  /** By version, why it cannot serve it. */
  readonly refused: Readonly<Record<string, string>>
  /** `name@version` of what it has other files of than the repositories here, as far as it tells. */
  readonly otherFiles: readonly string[]
}

interface ShardStatus {
  readonly shard: string
  /** Why its servers are not known now; null if they are. */
  readonly problem: string | null
  readonly servers: readonly ServerStatus[]
}

/**
 * Asks the servers of remote shards, and prints them. Exit code 1 if one is not ready or has other files, or a shard has
 * none.
 */
export async function shardStatus(
  { file, shards, repositories }: Config,
  name: string | undefined,
  options: JsonOption,
): Promise<void> {
  const remote = Object.keys(shards).filter((one) => shards[one].members !== undefined)
  if (name !== undefined && !remote.includes(name)) {
    const known = remote.length === 0 ? 'there is none' : `one of ${remote.join(', ')}`
    throw new LoadError([
      `shard: must be one with servers elsewhere (${known}), got ${show(name)}${didYouMean(name, remote)}`,
    ])
  }
  const names = name === undefined ? remote : [name]
  const { versions } = loadRepository(repositories)
  const value = await withPlaces(file, () =>
    Promise.all(names.map((one) => statusOf(one, shards[one], versions))),
  )
  const isDone = value.every(
    ({ problem, servers }) =>
      problem === null && servers.every((one) => one.problem === null && one.otherFiles.length === 0),
  )
  printResult({ text: textOf(value), value, isDone }, options)
}

function statusOf(
  shard: string,
  settings: Config['shards'][string],
  versions: readonly RepositoryVersion[],
): Promise<ShardStatus> {
  return withServers(shard, settings, async (servers, problem) => {
    return { shard, problem, servers: await Promise.all(servers.map((one) => ask(one, versions))) }
  })
}

async function ask(server: OpenServer, own: readonly RepositoryVersion[]): Promise<ServerStatus> {
  const { address, worker } = server
  const nothing = { cpu: null, queuedRows: null, loaded: null, refused: {}, otherFiles: [] }
  const unknown = { address, problem: null, ...nothing }
  if (worker === undefined) return { ...unknown, problem: server.reason }
  if (!worker.canLoad) return unknown
  try {
    const index = await worker.index()
    const { versions, load = '' } = index
    const told = readLoad(load)
    return {
      address,
      problem: null,
      cpu: told.get('cpu_utilization') ?? null,
      queuedRows: told.get('named_metrics.queued_rows') ?? null,
      loaded: versions.filter(({ state }) => state === 'READY').map(keyOf),
      refused: Object.fromEntries(
        versions
          .filter(({ reason }) => reason !== '' && !reason.startsWith(notLoaded))
          .map((version) => [keyOf(version), version.reason]),
      ),
      otherFiles: otherFiles(worker, index, own),
    }
  } catch (error) {
    return { ...unknown, problem: (error as Error).message }
  }
}

const keyOf = ({ name, version }: { readonly name: string; readonly version: string }) => `${name}@${version}`

function textOf(shards: readonly ShardStatus[]): string {
  if (shards.length === 0) return 'No shard has servers elsewhere'
  const servers = shards.flatMap(({ shard, problem, servers }) => [
    ...(problem === null ? [] : [[shard, '', problem, '', '', '']]),
    ...servers.map((one) => [
      shard,
      one.address,
      one.problem ?? 'ready',
      one.cpu === null ? '' : `${Math.round(100 * one.cpu)} %`,
      one.queuedRows === null ? '' : String(one.queuedRows),
      one.loaded === null ? '' : String(one.loaded.length),
    ]),
  ])
  const versions = shards.flatMap(({ shard, servers }) => versionRows(shard, servers))
  return [
    table([['shard', 'server', 'state', 'cpu', 'waiting rows', 'versions'], ...servers]),
    ...(versions.length === 0
      ? []
      : ['', table([['shard', 'version', 'copies', 'servers', 'problem'], ...versions])]),
  ].join('\n')
}

/** A row for each version that a server has, or cannot serve, those with the most copies first. */
function versionRows(shard: string, servers: readonly ServerStatus[]): readonly (readonly string[])[] {
  const keys = new Set(
    servers.flatMap((one) => [...(one.loaded ?? []), ...Object.keys(one.refused), ...one.otherFiles]),
  )
  const rows = [...keys].sort().map((key) => {
    const holders = servers.filter(({ loaded }) => loaded?.includes(key)).map(({ address }) => address)
    const others = servers.filter((one) => one.otherFiles.includes(key)).map(({ address }) => address)
    const refusal = servers.map(({ refused }) => refused[key]).find((reason) => reason !== undefined)
    const problem = others.length > 0 ? `other files than here at ${others.join(', ')}` : refusal
    return { key, holders, problem }
  })
  return rows
    .sort((one, other) => other.holders.length - one.holders.length)
    .map(({ key, holders, problem = '' }) => [
      shard,
      key,
      String(holders.length),
      holders.join(', '),
      problem,
    ])
}
