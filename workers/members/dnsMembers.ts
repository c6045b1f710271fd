import { Resolver } from 'node:dns/promises'
import { addressOf } from '../../lib/addresses/addressOf'
import { systemAddresses } from '../../lib/addresses/systemAddresses'
import type { Clock } from '../../lib/clock'
import { KnownMembers } from './knownMembers'
import { Repeated } from './repeated'

export interface DnsMembersOptions {
  /** A name of hosts; or one of SRV records, `_SERVICE._PROTOCOL.NAME`, which have the ports. */
  readonly name: string
  /** Undefined for SRV records. */
  readonly port: number | undefined
  /** How often the name is resolved, in milliseconds. */
  readonly pollMs: number
  /** The DNS server to ask, `address` or `address:port`; default those of the system. */
  readonly server?: string | undefined
  readonly clock: Clock
  readonly log: (line: string) => void
}

/** Servers at all addresses that a name has in DNS. */
export class DnsMembers extends KnownMembers {
  private readonly looks: Repeated
  private readonly resolver = new Resolver({ timeout: 1_000, tries: 2 })

  constructor(private readonly options: DnsMembersOptions) {
    super(options.log)
    const { server, clock, pollMs } = options
    if (server !== undefined) this.resolver.setServers([server])
    this.looks = new Repeated({ clock, everyMs: pollMs, leastMs, run: () => this.look() })
  }

  doubt(): void {
    this.looks.soon()
  }

  async close(): Promise<void> {
    this.closed()
    this.resolver.cancel()
    // Not awaited: the system cannot cancel a look-up.
    void this.looks.stop()
  }

  private async look(): Promise<void> {
    const { name } = this.options
    try {
      const addresses = await this.lookUp()
      if (addresses.length > 0) this.told(addresses)
      else this.failed(`${name} has no addresses`)
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException
      this.failed(`${name} cannot be resolved: ${code ?? message}`)
    }
  }

  private async lookUp(): Promise<readonly string[]> {
    const { name, port, server } = this.options
    if (port === undefined) {
      const records = await this.resolver.resolveSrv(name)
      const each = records.map(async (record) => {
        const hosts = await this.addressesOf(record.name)
        return hosts.map((host) => addressOf(host, record.port))
      })
      return (await Promise.all(each)).flat()
    }
    // The system's own way knows its hosts file and its search domains.
    const hosts = server === undefined ? await systemAddresses(name) : await this.addressesOf(name)
    return hosts.map((host) => addressOf(host, port))
  }

  /** IPv6 only where there is no IPv4, since a server that has both is one server. */
  private async addressesOf(host: string): Promise<readonly string[]> {
    const four = await orNone(this.resolver.resolve4(host))
    return four.length > 0 ? four : orNone(this.resolver.resolve6(host))
  }
}

/** The least time between two look-ups, in milliseconds. */
const leastMs = 1_000

async function orNone(addresses: Promise<string[]>): Promise<readonly string[]> {
  try {
    return await addresses
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENODATA' || code === 'ENOTFOUND') return []
    throw error
  }
}
