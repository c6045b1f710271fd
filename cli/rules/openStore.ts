import { hostname } from 'node:os'
import { join } from 'node:path'
import { LoadError } from '../../lib/errors'
import { openFileStore } from '../../routing/store/fileStore'
import { createMemoryStore } from '../../routing/store/memoryStore'
import type { RuleStore } from '../../routing/store/ruleStore'
import type { RuleStoreConfig } from '../config/rulesConfig'

/**
 * Opens the store of the configuration. A folder that nobody chose and that cannot be written to is replaced by memory, with a line;
 * Redis is opened even while it is away. Throws a LoadError for a folder that was chosen and cannot be had.
 */
export async function openStore(
  { place, isDefault }: RuleStoreConfig,
  log: (line: string) => void,
): Promise<RuleStore> {
  switch (place.kind) {
    case 'memory':
      return createMemoryStore()
    case 'redis': {
      // Its client would stay in the memory of every process that has no Redis.
      const {
        openRedisStore,
      }: typeof import('../../routing/store/redisStore') = require('../../routing/store/redisStore')
      return openRedisStore({ url: place.url, name: place.name, warn: log })
    }
    case 'files':
      try {
        return await openFileStore({ folder: place.folder })
      } catch (error) {
        const { message } = error as Error
        if (!isDefault) throw error instanceof LoadError ? error : new LoadError([`rules.store: ${message}`])
        log(`rules: versions are kept in memory only, since their folder cannot be used: ${message}`)
        return createMemoryStore()
      }
  }
}

/** What a process is called among the nodes, and where its copy of the rules lies. */
export interface NodePlace {
  readonly name: string
  readonly file?: string
}

/**
 * The node's name of the configuration, or one of machine, `what` and port: the same after a restart. Where any port will do the
 * process makes the difference, and there is no copy that nobody would find again.
 */
export function nodePlace(
  { node, place, isDefault, copies }: RuleStoreConfig,
  what: string,
  port: number | undefined,
): NodePlace {
  const isStable = node !== undefined || port !== undefined
  const end = port ?? `pid-${process.pid}-${sequence++}`
  const name = (node ?? `${hostname()}-${what}-${end}`).replace(/[^\w.-]/g, '-').replace(/^[.-]+/, '')
  const isKept = isStable && !isDefault && place.kind !== 'memory'
  return { name: name.slice(0, 100), ...(isKept && { file: join(copies, `${name}.json`) }) }
}

/** Undefined for 0, which takes any port that is free. */
export function portOf(port: number): number | undefined {
  return port === 0 ? undefined : port
}

/** Several deployments may run in one process, as in tests. */
let sequence = 1
