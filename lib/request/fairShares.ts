import { type ClientIdentity, clientOf } from './clientOf'

/** How the time of a process is shared. */
export interface Sharing {
  /**
   * `client`: by client, identified by its token's subject or else its address. `tenant`: by tenant of verified tokens;
   * clients without a tenant count one by one.
   */
  readonly by: 'client' | 'tenant'
  /** How many shares some senders get, by tenant, subject or address; others get one. */
  readonly weights: Readonly<Record<string, number>>
}

interface Sender extends ClientIdentity {
  readonly context: { readonly tenant?: string | number | boolean }
}

/** The senders that share the time of a process, and their weights. */
export class FairShares {
  private by: Sharing['by'] = 'client'
  private weights: ReadonlyMap<string, number> = new Map()

  /** Sets the sharing. Call it before anything is served. */
  share({ by, weights }: Sharing): void {
    this.by = by
    this.weights = new Map(Object.entries(weights))
  }

  /** The sender's key. Nothing that a client can write itself counts. */
  readonly senderOf = (request: Sender): string => {
    const { tenant } = request.context
    return this.by === 'tenant' && tenant !== undefined ? `tenant ${tenant}` : clientOf(request)
  }

  /** The weight of a sender, by its key. */
  readonly weightOf = (sender: string): number => {
    const { weights } = this
    return weights.size === 0 ? 1 : (weights.get(sender.slice(sender.indexOf(' ') + 1)) ?? 1)
  }
}

/** This process's, since it has one event loop. */
export const fairShares = new FairShares()
