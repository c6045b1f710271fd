import { createPrivateKey, X509Certificate } from 'node:crypto'
import { createSecureContext, type SecureContext } from 'node:tls'
import { systemClock } from '../clock'
import { LoadError } from '../errors'
import { Emitter } from '../events'
import { FileWatch } from '../files/fileWatch'
import { readTextFile } from '../files/readTextFile'
import { shortPath } from '../packagePaths'

/** Absolute paths of PEM files. A certificate and its key come together. */
export interface CertificatePaths {
  /** The authorities that the other side's certificate may be of; default those that Node trusts. */
  readonly ca?: string
  /** The own certificate, with those of authorities between it and a known one. */
  readonly cert?: string
  readonly key?: string
}

interface Current {
  readonly pem: Pem
  readonly context: SecureContext
  /** When they expire, by the wall clock; undefined if there are none. */
  readonly ends: { readonly ca: number | undefined; readonly cert: number | undefined }
}

/** The texts of the files. */
export type Pem = Readonly<Partial<Record<keyof CertificatePaths, string>>>

export interface CertificateFilesOptions {
  readonly paths: CertificatePaths
  /** The setting that names each file, such as `worker.tls.cert`. */
  readonly settings: Readonly<Record<keyof CertificatePaths, string>>
  /** Takes lines for operators. */
  readonly log: (line: string) => void
}

/**
 * Certificates and keys, followed as their files are replaced. Files that do not fit together leave the former ones in
 * use. Throws a LoadError if the first ones do not. What has expired is used and told: the other side may not look.
 */
export class CertificateFiles {
  private readonly renewedEmitter = new Emitter<void>()
  /** Fires when `pem` and `context` are new. */
  readonly renewed = this.renewedEmitter.event
  private readonly watches: readonly FileWatch[]
  private current: Current
  private cancelLook = () => {}

  constructor(private readonly options: CertificateFilesOptions) {
    const { paths } = options
    this.current = this.read()
    this.tellExpired()
    const { pem } = this.current
    this.watches = kinds.flatMap((kind) => {
      const [file, text] = [paths[kind], pem[kind]]
      if (file === undefined || text === undefined) return []
      const look = () => this.look()
      return [new FileWatch({ file, text, onChange: look, onMissing: look })]
    })
  }

  get pem(): Pem {
    return this.current.pem
  }

  /** For connections that begin now. */
  get context(): SecureContext {
    return this.current.context
  }

  /** Whether the own certificate, or all authorities, have expired. */
  hasExpired(kind: 'ca' | 'cert'): boolean {
    const end = this.current.ends[kind]
    return end !== undefined && end < Date.now()
  }

  dispose(): void {
    this.cancelLook()
    for (const watch of this.watches) watch.stop()
  }

  /** Takes what the files hold now. A certificate and its key are often replaced one after the other. */
  private look(isLast = false): void {
    this.cancelLook()
    try {
      const next = this.read()
      if (kinds.every((kind) => next.pem[kind] === this.current.pem[kind])) return
      this.current = next
      this.tellExpired()
      this.renewedEmitter.fire()
    } catch (error) {
      if (isLast) this.options.log(`${(error as Error).message}; the former certificates stay in use`)
      else this.cancelLook = systemClock.after(patienceMs, () => this.look(true))
    }
  }

  private tellExpired(): void {
    const { paths, settings, log } = this.options
    for (const kind of ['ca', 'cert'] as const) {
      if (!this.hasExpired(kind)) continue
      const until = new Date(this.current.ends[kind]!).toISOString()
      log(
        `${settings[kind]}: ${shortPath(paths[kind]!)}: must not have expired, got one that was valid until ${until}`,
      )
    }
  }

  private read(): Current {
    const { paths, settings } = this.options
    const pem: { -readonly [kind in keyof Pem]: Pem[kind] } = {}
    for (const kind of kinds) {
      const file = paths[kind]
      if (file === undefined) continue
      const text = readTextFile(file, `${settings[kind]}: `)
      check(kind, text, `${settings[kind]}: ${shortPath(file)}`)
      pem[kind] = text
    }
    try {
      return { pem, context: createSecureContext(pem), ends: endsOf(pem) }
    } catch (error) {
      throw new LoadError([
        `${settings.key}: must be the key of ${settings.cert}, got ${(error as Error).message}`,
      ])
    }
  }
}

const kinds = ['ca', 'cert', 'key'] as const

/** How long files may not fit together before somebody is told, in milliseconds. */
const patienceMs = 2_000

function check(kind: keyof CertificatePaths, pem: string, where: string): void {
  try {
    if (kind === 'key') createPrivateKey(pem)
    else new X509Certificate(pem)
  } catch {
    const what = kind === 'key' ? 'a private key without a passphrase' : 'certificates'
    throw new LoadError([`${where}: must hold ${what} as PEM, got something else`])
  }
}

/** When the own certificate expires, the first of its file; and the last one of the authorities. */
function endsOf({ ca, cert }: Pem): Current['ends'] {
  return { cert: endsIn(cert).at(0), ca: latest(endsIn(ca)) }
}

function latest(ends: readonly number[]): number | undefined {
  return ends.length === 0 ? undefined : Math.max(...ends)
}

function endsIn(pem = ''): number[] {
  const all = pem.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? []
  return all.flatMap((one) => {
    try {
      return Date.parse(new X509Certificate(one).validTo)
    } catch {
      // OpenSSL passes over what it cannot read among authorities.
      return []
    }
  })
}
