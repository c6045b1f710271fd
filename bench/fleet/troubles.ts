import type { Fleet } from './fleet'

/** Something that happens to a fleet while it serves. */
export interface Trouble {
  readonly name: string
  /** Lets it happen. Resolves when it is over and the fleet is whole again; requests come meanwhile. */
  happen(fleet: Fleet): Promise<void>
}

/** Nothing, for so long. */
export function calm(ms: number): Trouble {
  return { name: 'none', happen: (fleet) => fleet.ask(ms) }
}

export const troubles: readonly Trouble[] = [
  calm(10_000),
  {
    name: 'a worker ends, and begins anew',
    async happen(fleet) {
      fleet.servers[0].kill()
      await fleet.ask(10_000)
    },
  },
  {
    name: 'a worker stands still for 5 s',
    async happen(fleet) {
      fleet.servers[0].freeze(5_000)
      await fleet.ask(10_000)
    },
  },
  {
    name: 'a tenth of the workers is 5 times slower',
    async happen(fleet) {
      const slow = fleet.servers.slice(0, Math.ceil(fleet.servers.length / 10))
      for (const server of slow) server.slowness = 5
      await fleet.ask(10_000)
      for (const server of slow) server.slowness = 1
    },
  },
  {
    name: 'one of ten tenants asks ten times as much',
    async happen(fleet) {
      fleet.burst.tenant = 'tenant 0'
      fleet.burst.factor = 10
      await fleet.ask(10_000)
      fleet.burst.factor = 1
    },
  },
  {
    name: 'a deploy of every worker, one after the other',
    async happen(fleet) {
      let isOver = false
      const deploy = async () => {
        for (const server of fleet.servers) await server.redeploy()
        isOver = true
      }
      const deployed = deploy()
      while (!isOver) await fleet.ask(1_000)
      await deployed
    },
  },
]
