/** A server that batches may go to. */
export interface Candidate {
  readonly workerId: string
  /** Whether it takes another batch now. */
  readonly hasRoom: boolean
  /** Whether it serves the version. */
  serves(key: string): boolean
  /** Whether any other server is better. */
  isToAvoid(now: number): boolean
  /** What another batch would cost there, compared with others. */
  cost(now: number): number
}

/** Chooses the cheaper of two servers that are drawn at random (Mitzenmacher, 2001). Allocates nothing. */
export class TwoChoices<S extends Candidate> {
  private readonly drawn: S[] = []
  /** Those that get a batch only if no other server serves the version. */
  private readonly poor: S[] = []

  /** Of these servers one with room, if possible not `avoids`. Undefined if it is better to wait, or there is none. */
  among(servers: readonly S[], key: string, now: number, avoids: string | undefined): S | undefined {
    const quick = servers.length > fewServers ? this.drawQuickly(servers, key, now, avoids) : undefined
    if (quick !== undefined) return quick
    const { drawn, poor } = this
    drawn.length = 0
    poor.length = 0
    let isOther = false
    let isPoorBusy = false
    let avoided: S | undefined
    for (let at = 0; at < servers.length; at++) {
      const server = servers[at]
      if ((isOther && !server.hasRoom) || !server.serves(key)) continue
      if (server.workerId === avoids) avoided = server
      else if (!server.isToAvoid(now)) {
        if (server.hasRoom) drawn.push(server)
        else isOther = true
      } else if (server.hasRoom) poor.push(server)
      else isPoorBusy = true
    }
    if (drawn.length > 0) return this.choose(drawn, now)
    // Rows had better wait for a server that is merely busy.
    if (isOther) return undefined
    if (poor.length > 0) return this.choose(poor, now)
    return !isPoorBusy && avoided?.hasRoom ? avoided : undefined
  }

  /** Draws among all, since most have room as a rule. Undefined if two were not found soon. */
  private drawQuickly(
    servers: readonly S[],
    key: string,
    now: number,
    avoids: string | undefined,
  ): S | undefined {
    let first: S | undefined
    for (let draw = 0; draw < mostDraws; draw++) {
      const one = servers[Math.floor(Math.random() * servers.length)]
      if (one === first || one.workerId === avoids) continue
      if (!one.hasRoom || !one.serves(key) || one.isToAvoid(now)) continue
      if (first !== undefined) return first.cost(now) <= one.cost(now) ? first : one
      first = one
    }
    return undefined
  }

  /** Which of these gets a batch. */
  private choose(servers: readonly S[], now: number): S {
    const { length } = servers
    if (length === 1) return servers[0]
    const first = Math.floor(Math.random() * length)
    const second = (first + 1 + Math.floor(Math.random() * (length - 1))) % length
    return servers[first].cost(now) <= servers[second].cost(now) ? servers[first] : servers[second]
  }
}

/** Up to so many servers, looking at each costs no more than drawing. */
const fewServers = 8
const mostDraws = 6
