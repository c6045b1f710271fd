import { appendFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { PresageError } from '../../lib/errors'
import { makeFolder } from '../../lib/files/makeFolder'
import type { AuditEntry } from '../../platform/services'

/**
 * Appends changes to the rules that were requested through the graph to a file, as one line of JSON each, with the
 * time. Rejects with `STORE_UNREACHABLE` if the file cannot be written.
 */
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
