import { type ChildProcess, fork } from 'node:child_process'
import { readFileSync } from 'node:fs'
import type { Clock } from '../../lib/clock'
import { compiledPath } from '../../lib/packagePaths'
import { type Child, ChildWorker } from '../runtime/childWorker'
import type { ChildReply } from '../runtime/messages'
import type { Worker } from '../runtime/worker'

/** Resolves when its runtime is ready; rejects if the process ends before. `entry` is the compiled file. */
export function startProcessWorker(
  id: string,
  options: { stallAfterMs: number; clock: Clock; memoryBytes?: number; entry?: string },
): Promise<Worker> {
  const child = fork(options.entry ?? compiledPath('workers/process/entry'), {
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  })
  return ChildWorker.start(id, processChild(child), options)
}

function processChild(child: ChildProcess): Child {
  return {
    kind: 'process',
    pid: child.pid,
    // A failed send means that the process is ending; its end answers the call.
    send: (request) => child.send(request, () => {}),
    listen(reply, ended) {
      child.on('message', (message) => reply(message as ChildReply))
      child.on('exit', (code, signal) =>
        ended(signal ? `it was ended by ${signal}` : `it exited with code ${code}`),
      )
      // Without a pid it never started, and there will be no 'exit' event.
      child.on('error', (error) => {
        if (child.pid === undefined) ended(error.message)
      })
    },
    kill: () => child.kill('SIGKILL'),
    ...(process.platform === 'linux' && { residentBytes: () => residentBytes(child.pid) }),
  }
}

/** Undefined once it has ended. */
function residentBytes(pid: number | undefined): number | undefined {
  try {
    const kibibytes = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]
    return kibibytes === undefined ? undefined : Number(kibibytes) * 1024
  } catch {
    return undefined
  }
}
