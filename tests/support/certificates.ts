import { execFileSync } from 'node:child_process'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** A certificate and its key, as paths of PEM files. */
export interface Issued {
  readonly cert: string
  readonly key: string
}

/** An authority that issues certificates, by the openssl command. */
export class Authority {
  private readonly folder = mkdtempSync(join(tmpdir(), 'presage-authority-'))
  private readonly key = join(this.folder, 'ca.key')
  /** Its own certificate, as the path of a PEM file. */
  readonly cert = join(this.folder, 'ca.crt')
  private issued = 0

  /** One that has expired for `days` below 0. */
  constructor(name: string, days = 30) {
    const request = join(this.folder, 'ca.csr')
    openssl('req', '-new', ...newKey(this.key), '-out', request, '-subj', `/CN=${name}`)
    const extensions = join(this.folder, 'ca.ext')
    writeFileSync(extensions, 'basicConstraints=critical,CA:TRUE\nsubjectKeyIdentifier=hash\n')
    const signer = ['-signkey', this.key, '-extfile', extensions, '-days', String(days)]
    openssl('x509', '-req', '-in', request, ...signer, '-out', this.cert)
  }

  /** Issues a certificate for `names`, such as `IP:127.0.0.1`; one that has expired for `days` below 0. */
  issue(names: string, days = 30): Issued {
    const base = join(this.folder, String(++this.issued))
    const [cert, key, request, extensions] = ['crt', 'key', 'csr', 'ext'].map((ending) => `${base}.${ending}`)
    openssl('req', '-new', ...newKey(key), '-out', request, '-subj', '/CN=presage')
    writeFileSync(extensions, `subjectAltName=${names}\n`)
    const signer = ['-CA', this.cert, '-CAkey', this.key, '-CAcreateserial', '-extfile', extensions]
    openssl('x509', '-req', '-in', request, ...signer, '-days', String(days), '-out', cert)
    return { cert, key }
  }
}

function newKey(file: string): readonly string[] {
  return ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-keyout', file]
}

function openssl(...args: readonly string[]): void {
  execFileSync('openssl', args, { stdio: 'pipe' })
}
