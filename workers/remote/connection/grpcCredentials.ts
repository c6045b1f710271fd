import type { ClientTls } from '../../../lib/tls/clientTls'
import type { ChannelCredentials, Grpc } from '../../protocol/grpc'
import { splitAddress } from './splitAddress'

export interface SecureCredentials {
  readonly credentials: ChannelCredentials
  readonly options: Readonly<Record<string, string>>
  /** Why the last connection that could be opened was of no use, as far as TLS tells. */
  problem(): string | undefined
}

/** For TLS to `address`, `host:port`: the library's own credentials would keep their first certificates. */
export function secureCredentials(
  library: Grpc['library'],
  address: string,
  tls: ClientTls,
): SecureCredentials {
  const [host, port] = splitAddress(address)
  /** Why the last connection failed; with TLS 1.3 often only after the handshake, when the library loses the reason. */
  let problem: string | undefined

  class RenewedCredentials extends library.ChannelCredentials {
    override _isSecure(): boolean {
      return true
    }

    override _equals(other: ChannelCredentials): boolean {
      return other === this
    }

    override _createSecureConnector(
      ...[, , ofCalls = library.CallCredentials.createEmpty()]: Parameters<
        ChannelCredentials['_createSecureConnector']
      >
    ): ReturnType<ChannelCredentials['_createSecureConnector']> {
      return {
        connect: (socket) =>
          new Promise((resolve, reject) => {
            const secured = tls.connect(host, 'h2', { socket })
            // Why the one before ended stays known: the library may tell of that when it has begun this one.
            let own: string | undefined
            secured.once('secureConnect', () => resolve({ socket: secured, secure: true }))
            secured.on('error', (error) => {
              problem = own = tls.problem(host, error)
              reject(error)
            })
            secured.once('close', () => {
              const cut = Object.assign(new Error('the connection ended'), { code: 'ECONNRESET' })
              problem = own ?? tls.problem(host, cut)
              reject(cut)
            })
          }),
        waitForReady: async () => {},
        getCallCredentials: () => ofCalls,
        destroy() {},
      }
    }
  }

  return {
    credentials: new RenewedCredentials(),
    options: { 'grpc.default_authority': `${tls.nameOf(host)}:${port}` },
    problem: () => problem,
  }
}
