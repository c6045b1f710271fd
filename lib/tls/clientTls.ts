import { isIP, type Socket } from 'node:net'
import { checkServerIdentity, connect, type TLSSocket } from 'node:tls'
import { CertificateFiles, type CertificatePaths } from './certificateFiles'
import { handshakeProblem } from './handshakeProblem'

export interface ClientTlsSettings extends CertificatePaths {
  /** What the server's certificate must be for, and what it is asked for by; default the host that is dialled. */
  readonly serverName?: string
}

/** TLS towards servers. New connections take the certificates that their files hold then. */
export class ClientTls {
  private readonly files: CertificateFiles

  /** Throws a LoadError if a file cannot be used. `path` is the path of these settings, such as `shards.far.tls`. */
  constructor(
    private readonly settings: ClientTlsSettings,
    private readonly path: string,
    log: (line: string) => void,
  ) {
    const { ca, cert, key } = settings
    this.files = new CertificateFiles({
      paths: { ca, cert, key },
      settings: { ca: `${path}.ca`, cert: `${path}.cert`, key: `${path}.key` },
      log,
    })
  }

  /** What the server at `host` is asked for by. */
  nameOf(host: string): string {
    return this.settings.serverName ?? host
  }

  /** Begins a connection, over a new socket or a given one. */
  connect(
    host: string,
    application: 'h2' | 'http/1.1',
    over: { readonly port: number | string } | { readonly socket: Socket },
  ): TLSSocket {
    const name = this.nameOf(host)
    return connect({
      ...('socket' in over ? over : { host, port: Number(over.port) }),
      secureContext: this.files.context,
      ALPNProtocols: [application],
      // The standard has only names of hosts here.
      ...(isIP(name) === 0 && { servername: name }),
      checkServerIdentity: (_, certificate) => checkServerIdentity(name, certificate),
    })
  }

  /**
   * What an error of a connection to `host` says about certificates; undefined if nothing. A server that has answered
   * accepts them, and one that is killed then ends its connections too.
   */
  problem(host: string, error: Error, hasAnswered = false): string | undefined {
    const { ca, cert } = this.settings
    const authorities = ca === undefined ? "Node's list" : `${this.path}.ca`
    const haveExpired = this.files.hasExpired('ca')
    const problem = handshakeProblem(error, { name: this.nameOf(host), authorities, haveExpired })
    if (problem !== undefined) return problem
    // With TLS 1.3 a server refuses a certificate after the handshake, and may give no reason.
    const isCut = ['ECONNRESET', 'EPIPE'].includes((error as NodeJS.ErrnoException).code ?? '')
    if (!isCut || hasAnswered) return undefined
    if (cert === undefined) return 'it ended the connection; it may want a certificate'
    const why = this.files.hasExpired('cert') ? ', which has expired' : ''
    return `it ended the connection; it may not accept ${this.path}.cert${why}`
  }

  dispose(): void {
    this.files.dispose()
  }
}
