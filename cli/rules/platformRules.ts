import { setTimeout as delay } from 'node:timers/promises'
import { getOrMake } from '../../lib/groups'
import type { PlatformRules } from '../../platform/services'
import type { KnownNames } from '../../routing/ruleSet/knownNames'
import type { Config } from '../config/config'
import { createAuditLog } from './auditLog'
import type { RunningRules } from './runningRules'

/** The rules of a process in the form that the platform subgraph shows and changes. */
export function platformRules(
  config: Pick<Config, 'file' | 'ruleStore' | 'shards'>,
  { store, node }: RunningRules,
  knownNames: () => KnownNames,
  log: (line: string) => void,
): PlatformRules {
  const { mutations, audit } = config.ruleStore
  const loading = new Map<string, Promise<readonly string[]>>()
  const load = async (number: number, active: number | null, ms: number) => {
    // Loaded when it runs, so that it takes no memory before.
    const { isLoaded, loadLine, loadOnServers }: typeof import('./serverLoads') = require('./serverLoads')
    try {
      const loads = await loadOnServers(config, store, number, active, ms)
      for (const one of loads) log(loadLine(one))
      return loads.filter((one) => !isLoaded(one)).map(loadLine)
    } catch (error) {
      log(`rules: what version ${number} uses is not loaded elsewhere: ${(error as Error).message}`)
      return []
    }
  }
  return {
    store,
    node,
    knownNames,
    mutationsAllowed: mutations,
    audit: createAuditLog(audit),
    loadOnServers(number, active, ms) {
      const asked = `${number} ${active}`
      const running = getOrMake(loading, asked, () =>
        load(number, active, ms).finally(() => loading.delete(asked)),
      )
      const late = `servers elsewhere are still loading what version ${number} brings into use`
      return Promise.race([running, delay(ms, [late], { ref: false })])
    },
  }
}
