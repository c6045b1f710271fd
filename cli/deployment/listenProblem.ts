import { type DoorName, ListenError } from '../../gateway/http/listen'
import { LoadError } from '../../lib/errors'

/** An address that cannot be listened on is a mistake of the configuration; any other error stays what it is. */
export function listenProblem(error: unknown): unknown {
  if (!(error instanceof ListenError)) return error
  const { address, cause, door } = error
  return new LoadError([
    `${keys[door]}: must be an address to listen on, got ${address.host}:${address.port} (${cause.code ?? cause.message})`,
  ])
}

const keys: Readonly<Record<DoorName, string>> = { graph: 'server', admin: 'server.admin' }
