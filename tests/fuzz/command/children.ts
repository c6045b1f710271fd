import { fork } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { cpuSecondsOf } from '../../../bench/processTree'
import type { Memory, Report, Task } from './child'
import { type Counts, type Finding, noCounts } from './examine'

/** What came of a task, over all the processes that it took. */
export interface Total extends Counts {
  readonly kind: string
  /** Processes that died or stood still. */
  lost: number
  seconds: number
  /** Of the process that came to the end. */
  memory: Memory[]
}

/** Processes that one task may lose before it is given up. */
const maxLost = 300

/** Until a process has begun; and beside the limit of an input, to collect garbage and to make a finding small. */
const defaultSlackMs = 60_000

/** A process that waits may stand still for this many times as long as one that computes: the machine may have stood still. */
const waitingFactor = 10

/** Far above what any input may need, and below what would harm other processes of the machine. */
const maxResident = 4e9

/** Gives the inputs in a process of their own; when that dies or stands still, the rest in another one. */
export async function runTask(
  task: Task,
  total: Total,
  found: (finding: Finding) => void,
  slackMs = defaultSlackMs,
): Promise<void> {
  const begun = performance.now()
  const end = task.from + task.count
  for (let from = task.from; from < end; ) {
    writeFileSync(task.placeFile, '')
    const problem = await runChild({ ...task, from, count: end - from }, total, found, slackMs)
    total.seconds = (performance.now() - begun) / 1000
    if (problem === undefined) return
    const place = readFileSync(task.placeFile, 'utf8').trim()
    if (place === '') throw new Error(`${task.kind}: does not start: ${problem}`)
    found({
      place: Number(place),
      signature: `lost ${problem.replace(/[0-9]+/g, '0').slice(0, 200)}`,
      problem: `the process ended: ${problem}`,
      input: `see --only ${task.kind} --seed ${task.seed} --from ${place} --inputs 1`,
    })
    if (++total.lost > maxLost) throw new Error(`${task.kind}: given up after ${maxLost} lost processes`)
    from = Number(place) + 1
  }
}

/** Resolves with what it died of, if it did. */
function runChild(
  task: Task,
  total: Total,
  found: (finding: Finding) => void,
  slackMs: number,
): Promise<string | undefined> {
  return new Promise((resolve) => {
    const child = fork(join(__dirname, 'child.ts'), [JSON.stringify(task)], {
      silent: true,
      execArgv: ['--require', require.resolve('../../differential/register.js'), '--expose-gc'],
    })
    const before: Counts = { ...total }
    let said = ''
    let reason: string | undefined
    let place = ''
    let limitMs = defaultSlackMs
    /** When it was at another place, and what it had computed by then. */
    let last = { at: performance.now(), cpuMs: 0 }
    total.memory = []
    const stop = (why: string) => {
      reason ??= why
      child.kill('SIGKILL')
    }
    // A process that is busy with one input tells nothing; so its place is looked at from here.
    const watch = setInterval(() => {
      const current = readFileSync(task.placeFile, 'utf8')
      const now = { at: performance.now(), cpuMs: cpuMsOf(child.pid) }
      if (current !== place) last = now
      place = current
      const mayTakeMs = limitMs + slackMs
      if (now.cpuMs - last.cpuMs > mayTakeMs || now.at - last.at > waitingFactor * mayTakeMs)
        stop(`stood still for ${mayTakeMs} ms`)
      if (residentOf(child.pid) > maxResident) stop(`held more than ${maxResident} bytes`)
    }, 250)
    child.stderr?.on('data', (text: Buffer) => {
      said = `${said}${text}`.slice(-4000)
    })
    child.stdout?.resume()
    child.on('message', (report: Report) => {
      if (report.is === 'begun') limitMs = report.limitMs
      else if (report.is === 'memory') total.memory.push(report.memory)
      else if (report.is === 'found') found(report.finding)
      else Object.assign(total, sumOf(before, report.counts))
    })
    child.on('exit', (code, signal) => {
      clearInterval(watch)
      const end = reason ?? signal ?? `code ${code}`
      resolve(code === 0 ? undefined : `${end} ${said.replace(/\s+/g, ' ').slice(0, 600)}`)
    })
  })
}

function cpuMsOf(pid: number | undefined): number {
  try {
    return pid === undefined ? 0 : 1000 * cpuSecondsOf([pid])
  } catch {
    return 0
  }
}

function residentOf(pid: number | undefined): number {
  try {
    return Number(/^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) * 1024
  } catch {
    return 0
  }
}

function sumOf(before: Counts, counts: Counts): Counts {
  const isLonger = counts.longestMs > before.longestMs
  const { longestMs, longestAt } = isLonger ? counts : before
  return {
    taken: before.taken + counts.taken,
    refused: before.refused + counts.refused,
    longestMs,
    longestAt,
  }
}

export function noTotal(kind: string): Total {
  return { kind, lost: 0, seconds: 0, memory: [], ...noCounts() }
}
