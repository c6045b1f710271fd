import { existsSync } from 'node:fs'
import { setTimeout as wait } from 'node:timers/promises'
import type { Started } from './startProcess'

/** Ends a server; resolves when its processes are gone, and with them whoever writes to its folders. */
export async function stopped(server: Started): Promise<void> {
  server.stop()
  while (server.pids.some((pid) => existsSync(`/proc/${pid}`))) await wait(20)
}
