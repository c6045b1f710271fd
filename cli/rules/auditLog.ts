import { open } from 'node:fs/promises'
import { dirname } from 'node:path'
import { PresageError } from '../../lib/errors'
import { makeFolder } from '../../lib/files/makeFolder'
import type { AuditEntry } from '../../platform/services'
import { endsWithinLine } from '../../serving/exposure/lineFile'

/** Appends requested changes to a file, a line of JSON each. Rejects with `STORE_UNREACHABLE` if it cannot. */
export function createAuditLog(file: string): (entry: AuditEntry) => Promise<void> {
  return async (entry) => {
    try {
      await makeFolder(dirname(file))
      const log = await open(file, 'a+')
      try {
        // A full disk may have cut an entry short, which must not spoil the next one.
        const start = (await endsWithinLine(log)) ? '\n' : ''
        const line = `${start}${JSON.stringify({ time: new Date().toISOString(), ...entry })}\n`
        // In one piece, so that no other process writes within it: `appendFile` cuts long texts.
        const { bytesWritten } = await log.write(line)
        if (bytesWritten < Buffer.byteLength(line)) throw Object.assign(new Error(), { code: 'ENOSPC' })
      } finally {
        await log.close()
      }
    } catch (error) {
      throw new PresageError(
        'STORE_UNREACHABLE',
        `the audit log cannot be written: ${(error as NodeJS.ErrnoException).code ?? 'unknown'}`,
      )
    }
  }
}
