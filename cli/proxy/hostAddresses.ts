import { isIP } from 'node:net'
import { systemAddresses } from '../../lib/addresses/systemAddresses'

/**
 * The IP addresses of hosts. A host keeps its last one while it has that among others, since DNS deals them out in turn,
 * and if it cannot be resolved any more.
 */
export class HostAddresses {
  private readonly known = new Map<string, string>()
  private readonly problems = new Map<string, string>()

  /** `log` takes lines for operators. */
  constructor(private readonly log: (line: string) => void) {}

  /** Undefined for a host that never could be resolved. */
  async of(host: string): Promise<string | undefined> {
    if (isIP(host) !== 0) return host
    try {
      const addresses = await systemAddresses(host)
      if (!addresses.includes(this.known.get(host) ?? '')) this.known.set(host, addresses[0])
      this.problems.delete(host)
    } catch (error) {
      const problem = `${host} cannot be resolved: ${(error as NodeJS.ErrnoException).code}`
      if (this.problems.get(host) !== problem) this.log(problem)
      this.problems.set(host, problem)
    }
    return this.known.get(host)
  }

  /** Why a host has no address now; undefined if it has one. */
  problem(host: string): string | undefined {
    return this.problems.get(host)
  }
}
