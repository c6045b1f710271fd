import { hostname } from 'node:os'
import { join } from 'node:path'
import { LoadError } from '../../lib/errors'
import { openFileStore } from '../../routing/store/fileStore'
import { createMemoryStore } from '../../routing/store/memoryStore'
import type { RuleStore } from '../../routing/store/ruleStore'
import type { RuleStoreConfig } from '../config/rulesConfig'
import { type Member, member } from '../processes/member'

/**
 * Opens the configured store. If the default folder is not writable, memory takes its place, with a log line. Redis may
 * be down when it is opened. Throws a LoadError if a folder that the configuration names is not available.
 */
export async function openStore(
  { place, at, isDefault }: RuleStoreConfig,
  log: (line: string) => void,
): Promise<RuleStore> {
  const what = ruleStoreAt(at)
  switch (place.kind) {
    case 'memory':
      return createMemoryStore()
    case 'redis': {
      // Loaded lazily, so that the client takes no memory in a process without Redis.
      const {
        openRedisStore,
      }: typeof import('../../routing/store/redisStore') = require('../../routing/store/redisStore')
      return openRedisStore({ url: place.url, name: place.name, warn: log, what })
    }
    case 'files':
      try {
        return await openFileStore({ folder: place.folder, what })
      } catch (error) {
        const { message } = error as Error
        if (!isDefault) throw error instanceof LoadError ? error : new LoadError([message])
        log(`rules: versions are kept in memory only, since their folder cannot be used: ${message}`)
        return createMemoryStore()
      }
  }
}

/** What messages call a store that the configuration names there. */
export function ruleStoreAt(at: string): string {
  return `${at}: the rule store`
}

/** The name of a process among the nodes, and the path of its copy of the rules. */
export interface NodePlace {
  readonly name: string
  readonly file?: string
}

/**
 * The configured node name, or one made of machine, `what` and port, which stays the same after a restart. With port 0,
 * which is any that is free, the process id makes the name unique, and there is no copy, since nobody would find it again.
 * Of processes that share configuration and port, each has its number in the name.
 */
export function nodePlace(
  { node, place, isDefault, copies }: RuleStoreConfig,
  what: string,
  port: number,
  among: Pick<Member, 'place'> | undefined = member,
): NodePlace {
  const isStable = node !== undefined || port !== 0
  const end = port || `pid-${process.pid}-${sequence++}`
  const whole = (node ?? `${hostname()}-${what}-${end}`).replace(/[^\w.-]/g, '-').replace(/^[.-]+/, '')
  const own = among === undefined ? '' : `-process-${among.place}`
  const name = `${whole.slice(0, longestName - own.length)}${own}`
  const isKept = isStable && !isDefault && place.kind !== 'memory'
  return { name, ...(isKept && { file: join(copies, `${name}.json`) }) }
}

const longestName = 100

/** Several deployments may run in one process, as in tests. */
let sequence = 1
