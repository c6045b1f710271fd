import { type ClientIdentity, clientOf } from './clientOf'

/** Between whom the time of a process is shared. */
export interface Sharing {
  /** Each client, by its token's subject or else its address; or each tenant of verified tokens, and each client without one. */
  readonly by: 'client' | 'tenant'
  /** How many times the part of others some have: by a tenant, a token's subject or an address. */
  readonly weights: ReadonlyMap<string, number>
}

interface Sender extends ClientIdentity {
  readonly context: { readonly tenant?: string | number | boolean }
}

/** Who shares the time of a process, and in which parts. */
export class FairShares {
  private sharing: Sharing = { by: 'client', weights: new Map() }

  /** From now on; to be called before anything is served. */
  share(sharing: Sharing): void {
    this.sharing = sharing
  }

  /** A key for who shares. Whatever a client may write itself does not count. */
  readonly senderOf = (request: Sender): string => {
    const { tenant } = request.context
    return this.sharing.by === 'tenant' && tenant !== undefined ? `tenant ${tenant}` : clientOf(request)
  }

  /** The weight of a sender, by its key. */
  readonly weightOf = (sender: string): number => {
    const { weights } = this.sharing
    return weights.size === 0 ? 1 : (weights.get(sender.slice(sender.indexOf(' ') + 1)) ?? 1)
  }
}

/** This process's: it has one event loop. */
export const fairShares = new FairShares()
