import { accessSync, constants, mkdirSync } from 'node:fs'
import { resolve } from 'node:path'
import { systemClock } from '../../lib/clock'
import { counted, LoadError, show } from '../../lib/errors'
import { shortPath } from '../../lib/packagePaths'
import type { Config } from '../config/config'
import { placedLog, withPlaces } from '../config/shards/settingPlaces'
import { stopOnSignal } from '../process/stopOnSignal'
import { operatorLines } from '../terminal/operatorLines'
import { type JsonOption, printResult } from '../terminal/printResult'
import { EnvoyFiles } from './envoyFiles'
import type { ProxiedShard, ProxyTls } from './envoyResources'

export interface ProxySyncOptions extends JsonOption {
  readonly out: string
  readonly once?: boolean
}

/**
 * Writes the shards that run elsewhere as files that Envoy follows, until SIGTERM or SIGINT. With `once`, ends after the
 * first time; exit code 1 if the servers of a shard are not known.
 */
export async function proxySync(config: Config, { out, once, ...options }: ProxySyncOptions): Promise<void> {
  const operator = operatorLines()
  const shards = proxiedShards(config)
  const folder = openFolder(out)
  const log = placedLog(config.file, operator.line)
  const files = await withPlaces(
    config.file,
    () => new EnvoyFiles({ config, shards, folder, clock: systemClock, log }),
  )
  if (once !== true) {
    // Nothing else would keep the process alive while nothing changes.
    const alive = setInterval(() => {}, 60_000)
    stopOnSignal(config.server.grace, async () => {
      clearInterval(alive)
      // What is open ends with the process; a Redis that is away could delay that.
      await files.stop()
    })
    await files.follow()
    const names = shards.map(({ name }) => name).join(', ')
    return operator.line(`Presage keeps Envoy's files in ${shortPath(folder)} up to date: shards ${names}`)
  }
  try {
    const value = await files.write()
    const lines = value.shards.map(({ shard, servers, problem }) =>
      problem === null ? `shard ${shard}: ${counted(servers, 'server')}` : `shard ${shard}: ${problem}`,
    )
    const text = [...value.written.map((file) => `wrote ${file}`), ...lines].join('\n')
    const isDone = value.shards.every(({ problem }) => problem === null)
    printResult({ text, value, isDone }, options)
  } finally {
    await files.close()
  }
}

/** Throws a LoadError if there is none, or if Envoy cannot speak to one as it is configured. */
function proxiedShards({ file, shards }: Config): readonly ProxiedShard[] {
  const refuse = (what: string) => new LoadError([`${shortPath(file)}: ${what}`])
  const elsewhere = Object.entries(shards).filter(([, { members }]) => members !== undefined)
  if (elsewhere.length === 0) {
    const keys = 'endpoints, dns, kubernetes or redis'
    throw refuse(
      `shards: must have one with servers elsewhere (${keys}), got ${Object.keys(shards).join(', ')}`,
    )
  }
  return elsewhere.map(([name, { protocol = 'http', copies, tls }]) => ({
    name,
    protocol,
    isPlaced: copies !== undefined,
    tls: tls && proxyTls(tls, `shards.${name}.tls`, refuse),
  }))
}

function proxyTls(
  { ca, serverName, cert, key }: Partial<ProxyTls>,
  path: string,
  refuse: (what: string) => LoadError,
): ProxyTls {
  if (ca === undefined)
    throw refuse(`${path}.ca: must be given for Envoy, which has no list of authorities of its own`)
  if (serverName === undefined)
    throw refuse(`${path}.serverName: must be given for Envoy, which does not know servers by their hosts`)
  return { ca, serverName, cert, key }
}

function openFolder(out: string): string {
  const folder = resolve(out)
  try {
    mkdirSync(folder, { recursive: true })
    accessSync(folder, constants.W_OK)
    return folder
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    throw new LoadError([`--out: must be a folder that can be written to, got ${show(out)} (${code})`])
  }
}
