import { TwoChoices } from '../../workers/remote/balancing/twoChoices'
import { Endpoint } from '../../workers/remote/endpoint'

/** Replaces, in this process, how a remote shard chooses one of the servers that have room for a batch. */
export function usePolicy(choose: (idle: readonly Endpoint[]) => Endpoint): void {
  Object.assign(TwoChoices.prototype, { choose })
  Object.assign(Endpoint.prototype, { isToAvoid: () => false })
}
