import { readdirSync, readFileSync } from 'node:fs'

/** Ticks a second of the times in /proc; Linux has always told programs 100. */
const TICKS = 100

/** CPU seconds that the processes and all their descendants have used so far, all threads, user and system. */
export function cpuSecondsOf(pids: readonly number[]): number {
  let ticks = 0
  for (const pid of withDescendants(pids)) {
    // The name in parentheses may hold spaces; what follows it does not.
    const fields = textOf(pid, 'stat')?.split(') ')[1].split(' ')
    if (fields !== undefined) ticks += Number(fields[11]) + Number(fields[12])
  }
  return ticks / TICKS
}

/** Megabytes of memory that they hold now. */
export function residentMegabytesOf(pids: readonly number[]): number {
  let kilobytes = 0
  for (const pid of withDescendants(pids)) {
    kilobytes += Number(/^VmRSS:\s+(\d+) kB/m.exec(textOf(pid, 'status') ?? '')?.[1] ?? 0)
  }
  return kilobytes / 1024
}

/** The processes and all that they have started, and those. */
export function withDescendants(pids: readonly number[]): number[] {
  return pids.flatMap((pid) => [pid, ...withDescendants(childrenOf(pid))])
}

function childrenOf(pid: number): number[] {
  return threadsOf(pid).flatMap((thread) => {
    const text = (textOf(pid, `task/${thread}/children`) ?? '').trim()
    return text === '' ? [] : text.split(' ').map(Number)
  })
}

function threadsOf(pid: number): string[] {
  try {
    return readdirSync(`/proc/${pid}/task`)
  } catch {
    return []
  }
}

/** Undefined where it has ended, as any of a tree may while it is looked at. */
function textOf(pid: number, file: string): string | undefined {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8')
  } catch {
    return undefined
  }
}
