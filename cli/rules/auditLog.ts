import { appendFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { PresageError } from '../../lib/errors'
import { makeFolder } from '../../lib/files/makeFolder'
import type { AuditEntry } from '../../platform/services'

/** Appends requested changes to a file, a line of JSON each. Rejects with `STORE_UNREACHABLE` if it cannot. */
export function createAuditLog(file: string): (entry: AuditEntry) => Promise<void> {
  return async (entry) => {
    try {
      await makeFolder(dirname(file))
      await appendFile(file, `${JSON.stringify({ time: new Date().toISOString(), ...entry })}\n`)
    } catch (error) {
      throw new PresageError(
        'STORE_UNREACHABLE',
        `the audit log cannot be written: ${(error as NodeJS.ErrnoException).code ?? 'unknown'}`,
      )
    }
  }
}
