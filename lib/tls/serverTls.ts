import type { Socket } from 'node:net'
import type { Server, TLSSocket, TlsOptions } from 'node:tls'
import { CertificateFiles } from './certificateFiles'
import { handshakeProblem } from './handshakeProblem'

export interface ServerTlsSettings {
  /** Absolute paths of PEM files. */
  readonly cert: string
  readonly key: string
  /** Clients must have a certificate of one of these authorities; absent if they need none. */
  readonly clientCa?: string
}

/** TLS of listeners. New connections get the certificates that their files hold then. */
export class ServerTls {
  private readonly files: CertificateFiles
  /** When each line was last written, so that a client that tries again and again fills no log. */
  private readonly told = new Map<string, number>()

  /** Throws a LoadError if a file cannot be used. `path` is the path of these settings, such as `worker.tls`. */
  constructor(
    private readonly settings: ServerTlsSettings,
    private readonly path: string,
    private readonly log: (line: string) => void,
  ) {
    const { cert, key, clientCa: ca } = settings
    this.files = new CertificateFiles({
      paths: { cert, key, ...(ca !== undefined && { ca }) },
      settings: { ca: `${path}.clientCa`, cert: `${path}.cert`, key: `${path}.key` },
      log,
    })
  }

  /** To create a server with. */
  get options(): TlsOptions {
    const asks = this.settings.clientCa !== undefined
    return { ...this.files.pem, requestCert: asks, rejectUnauthorized: asks, handshakeTimeout: handshakeMs }
  }

  /** Keeps a server up to date, and tells which clients are refused, and why. */
  follow<S extends Server>(server: S): S {
    const stop = this.files.renewed(() => server.setSecureContext(this.files.pem))
    server.on('close', stop)
    // Node forgets the address of a socket that it has closed, unless somebody has asked before.
    server.on('connection', (socket) => socket.remoteAddress)
    server.on('tlsClientError', (error, socket) => {
      this.refused(error, socket)
      // A handshake that takes too long is told here and otherwise left open, except by servers of HTTP.
      socket.destroy()
    })
    return server
  }

  dispose(): void {
    this.files.dispose()
  }

  private refused(error: Error, socket: TLSSocket): void {
    // Where the certificate was at fault, Node tells so here alone.
    const code = socket.authorizationError as unknown as string | undefined
    const problem = handshakeProblem(code ? Object.assign(new Error(code), { code }) : error, {
      authorities: `${this.path}.clientCa`,
      haveExpired: this.files.hasExpired('ca'),
    })
    // Balancers look whether a port is open, and say nothing.
    if (problem === undefined) return
    const { _parent: parent } = socket as { readonly _parent?: Socket }
    const address = socket.remoteAddress ?? parent?.remoteAddress ?? 'an unknown address'
    const line = `refused a client at ${address}: ${problem}`
    const now = Date.now()
    if (now - (this.told.get(line) ?? 0) < quietMs) return
    if (this.told.size >= mostLines) this.told.clear()
    this.told.set(line, now)
    this.log(line)
  }
}

const handshakeMs = 5_000
/** The same line is not written again for so long. */
const quietMs = 60_000
const mostLines = 1_000
