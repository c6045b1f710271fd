import { readdirSync, readFileSync } from 'node:fs'

/** Resident memory of a process and all below it, in MiB. */
export function treeMemory(pid: number): number {
  const parents = new Map<number, number>()
  for (const name of readdirSync('/proc')) {
    const id = Number(name)
    const parent = Number.isInteger(id) ? statusOf(id, /^PPid:\s+(\d+)/m) : undefined
    if (parent !== undefined) parents.set(id, parent)
  }
  let sum = 0
  for (const id of parents.keys()) {
    for (let at: number | undefined = id; at !== undefined; at = parents.get(at)) {
      if (at !== pid) continue
      sum += statusOf(id, /^VmRSS:\s+(\d+) kB/m) ?? 0
      break
    }
  }
  return sum / 1024
}

function statusOf(pid: number, what: RegExp): number | undefined {
  try {
    const found = what.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))
    return found === null ? undefined : Number(found[1])
  } catch {
    return undefined
  }
}
