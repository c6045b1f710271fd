import type { StagedProcess } from '../stagedProcess'
import type { Fleet, FleetEnvoy } from './fleet'
import type { Network } from './hosts'

/** Something that happens to a fleet. */
export interface Fault {
  readonly name: string
  /** How long it lasts, in milliseconds; by default as the command says. */
  readonly lastsMs?: number
  /** Begins it. Returns what ends it. */
  begin(fleet: Fleet): End | Promise<End>
}

type End = () => unknown

/** All, one after the other; those of the network only where it can be broken. */
export function faultsOf({ workers, gateways, envoy, hosts: { network } }: Fleet): readonly Fault[] {
  const names = [...Object.keys(workers), ...Object.keys(gateways)]
  return [
    ...names.map(killed),
    ...names.map(frozen),
    rolled,
    frozenRedis,
    ...(network ? broken(network) : []),
    ...(network && envoy ? brokenForEnvoy(network) : []),
    ...(envoy ? [withoutSync(envoy)] : []),
    flushed,
    emptied,
    { ...killed('gateway-1'), name: 'gateway-1 killed with -9 while Redis is empty' },
  ]
}

function killed(host: string): Fault {
  return {
    name: `${host} killed with -9`,
    async begin(fleet) {
      await on(fleet, host).kill('SIGKILL')
      return () => on(fleet, host).start()
    },
  }
}

function frozen(host: string): Fault {
  return {
    name: `${host} frozen`,
    async begin(fleet) {
      await on(fleet, host).kill('SIGSTOP')
      return () => on(fleet, host).kill('SIGCONT')
    },
  }
}

/** What takes long is its end, so that what is measured after it is calm again. */
const rolled: Fault = {
  name: 'all rolled, one after the other',
  lastsMs: 0,
  begin: (fleet) => async () => {
    for (const process of [...Object.values(fleet.workers), ...Object.values(fleet.gateways)]) {
      await process.kill('SIGTERM')
      await process.start()
    }
  },
}

const flushed: Fault = {
  name: 'Redis flushed',
  async begin(fleet) {
    await fleet.flush()
    return () => {}
  },
}

const emptied: Fault = {
  name: 'Redis killed, then empty',
  async begin({ redis }) {
    await redis.kill('SIGKILL')
    return () => redis.start()
  },
}

const frozenRedis: Fault = {
  name: 'Redis frozen',
  async begin({ redis }) {
    await redis.kill('SIGSTOP')
    return () => redis.kill('SIGCONT')
  },
}

function broken(network: Network): readonly Fault[] {
  return [
    {
      name: 'ratings-1 cut off without a word, until Redis has dropped it',
      lastsMs: 16_000,
      begin: () => network.drop('ratings-1'),
    },
    { name: 'trust-1 unplugged', begin: () => network.unplug('trust-1') },
    { name: 'gateway-2 cut off without a word', begin: () => network.drop('gateway-2') },
    { name: 'gateway-1 cut off from Redis alone', begin: () => network.part('redis', 'gateway-1') },
    { name: 'gateway-1 cut off from trust-2 alone', begin: () => network.part('trust-2', 'gateway-1') },
  ]
}

function brokenForEnvoy(network: Network): readonly Fault[] {
  return ['redis', 'trust-2'].map((host) => ({
    name: `Envoy cut off from ${host} alone`,
    begin: () => network.part(host, 'envoy'),
  }))
}

function withoutSync({ sync }: FleetEnvoy): Fault {
  return {
    name: 'presage proxy sync killed with -9',
    async begin() {
      await sync.kill('SIGKILL')
      return () => sync.start()
    },
  }
}

function on({ workers, gateways }: Fleet, host: string): StagedProcess {
  return workers[host] ?? gateways[host]
}
