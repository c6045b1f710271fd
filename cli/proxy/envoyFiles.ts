import { existsSync } from 'node:fs'
import { basename, dirname, join, sep } from 'node:path'
import type { Clock } from '../../lib/clock'
import { scanRepository } from '../../models/repository/scanRepository'
import { replaceDurably } from '../../routing/store/durableFile'
import { Repeated } from '../../workers/members/repeated'
import type { Config } from '../config/config'
import { type GeneratedFile, staleFiles } from '../process/generatedFile'
import {
  cluster,
  endpointsFile,
  fileOf,
  loadAssignment,
  type ProxiedShard,
  routeConfiguration,
  secrets,
} from './envoyResources'
import { FollowedShard } from './followedShard'
import { HostAddresses } from './hostAddresses'

export interface EnvoyFilesOptions {
  readonly config: Config
  /** Those of the configuration that run elsewhere. */
  readonly shards: readonly ProxiedShard[]
  /** Exists. */
  readonly folder: string
  readonly clock: Clock
  readonly log: (line: string) => void
}

export interface WrittenFiles {
  /** Names of the files that were not up to date. */
  readonly written: readonly string[]
  /** By shard, how many servers it has, and why not all of them are known now; null if they are. */
  readonly shards: readonly {
    readonly shard: string
    readonly servers: number
    readonly problem: string | null
  }[]
}

/**
 * The files of a folder that Envoy follows: `cds.json` and `rds.json`, and for each shard `eds-SHARD.json`. Each is
 * replaced as a whole, by a rename, which is what Envoy watches for. A shard without any server keeps its last ones:
 * whether they are there, Envoy asks them itself.
 */
export class EnvoyFiles {
  private readonly followed: readonly FollowedShard[]
  private looks: Repeated | undefined
  /** The folders of all versions of the repositories. */
  private versionFolders: readonly string[] = []
  private scannedAt = Number.NEGATIVE_INFINITY
  private problem: string | undefined

  /** Throws a LoadError if the servers of a shard cannot be followed. */
  constructor(private readonly options: EnvoyFilesOptions) {
    const { config, shards, clock, log } = options
    const hosts = new HostAddresses(log)
    const changed = () => this.looks?.soon()
    this.followed = shards.map(
      ({ name: shard }) =>
        new FollowedShard({ shard, settings: config.shards[shard], hosts, clock, changed, log }),
    )
  }

  /** Writes what is not up to date. Rejects if a file cannot be written. */
  async write(): Promise<WrittenFiles> {
    await Promise.all(this.followed.map((shard) => shard.tried()))
    const { folder } = this.options
    const keys = await this.versions()
    const shards = []
    const files: GeneratedFile[] = []
    for (const shard of this.followed) {
      const { servers, problem } = await shard.servers(keys)
      shards.push({ shard: shard.name, servers: servers.length, problem })
      const path = join(folder, endpointsFile(shard.name))
      if (servers.length > 0 || !existsSync(path))
        files.push({ path, content: fileOf(loadAssignment(shard.name, servers)) })
    }
    const stale = staleFiles([...files, ...this.fixedFiles()])
    // One after the other: what a file names is there before it.
    for (const { path, content } of stale) await replaceDurably(path, content)
    return { written: stale.map(({ path }) => basename(path)), shards }
  }

  /** Writes the files now and whenever something has changed. Settles after the first time. */
  async follow(): Promise<void> {
    const { clock } = this.options
    await new Promise<void>((resolve) => {
      const run = () => this.look().then(resolve)
      this.looks = new Repeated({ clock, everyMs, leastMs, run })
    })
  }

  /** Writes nothing any more. Settles when the last file is whole. */
  async stop(): Promise<void> {
    await this.looks?.stop()
  }

  async close(): Promise<void> {
    await this.stop()
    await Promise.all(this.followed.map((shard) => shard.close()))
  }

  private async look(): Promise<void> {
    const { log } = this.options
    try {
      const { written, shards } = await this.write()
      this.problem = undefined
      const counts = shards.map(({ shard, servers }) => `${shard} ${servers}`).join(', ')
      if (written.length > 0) log(`wrote ${written.join(', ')}; servers: ${counts}`)
    } catch (error) {
      const { message } = error as Error
      if (message !== this.problem) log(`the files cannot be written: ${message}`)
      this.problem = message
    }
  }

  /** In the order in which Envoy needs them. */
  private fixedFiles(): readonly GeneratedFile[] {
    const { config, shards, folder } = this.options
    const { timeout } = config.server
    const file = (name: string, ...resources: readonly object[]): GeneratedFile => {
      return { path: join(folder, name), content: fileOf(...resources) }
    }
    return [
      ...shards.flatMap(({ name, tls }) =>
        tls ? [...secrets(name, tls)].map(([secretFile, secret]) => file(secretFile, secret)) : [],
      ),
      file('cds.json', ...shards.map((shard) => cluster(shard, folder, timeout))),
      file('rds.json', routeConfiguration(shards, timeout)),
    ]
  }

  /** All versions of the repositories, as `name@version`; none where no shard places them. */
  private async versions(): Promise<readonly string[]> {
    const { config, shards, clock } = this.options
    if (!shards.some(({ isPlaced }) => isPlaced)) return []
    if (clock.now() - this.scannedAt >= everyMs) {
      this.scannedAt = clock.now()
      const { versions, away } = await scanRepository(config.repositories)
      // What cannot be read now has not lost its versions.
      const isAway = (path: string) => [...away.keys()].some((folder) => path.startsWith(folder + sep))
      this.versionFolders = [...versions.keys(), ...this.versionFolders.filter(isAway)]
    }
    return [...new Set(this.versionFolders.map(keyOf))].sort()
  }
}

/** How often names and folders are looked at that tell of no changes, in milliseconds. */
const everyMs = 5_000
const leastMs = 100

function keyOf(directory: string): string {
  return `${basename(dirname(directory))}@${basename(directory)}`
}
