import { fork } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Report, Task } from './child'
import { add, type Counts, noCounts } from './counts'
import type { Found } from './examine'

/** What came of a task, over all the processes that it took. */
export interface Total extends Counts {
  readonly graph: string
  readonly target: string
  crashes: number
  seconds: number
}

const maxCrashes = 200

/** Does a task in a process of its own; when that dies, in another one from the next seed on. */
export async function runTask(task: Task, total: Total, found: (found: Found) => void): Promise<void> {
  const begun = performance.now()
  const end = task.from + task.count
  for (let from = task.from; from < end && total.crashes < maxCrashes; ) {
    writeFileSync(task.placeFile, '')
    const problem = await runChild({ ...task, from, count: end - from }, total, found)
    total.seconds = (performance.now() - begun) / 1000
    if (problem === undefined) return
    const place = readFileSync(task.placeFile, 'utf8')
    if (place === '') throw new Error(`${task.graph}, ${task.target}: does not start: ${problem}`)
    total.crashes++
    found({
      signature: `crash ${problem}`,
      graph: task.graph,
      target: task.target,
      text: `${task.graph}, ${task.target}, seed ${place.trim()}: the process ended: ${problem}`,
    })
    from = Number(place) + 1
  }
}

/** Resolves with what it died of, if it did. */
function runChild(task: Task, total: Total, found: (found: Found) => void): Promise<string | undefined> {
  return new Promise((resolve) => {
    const child = fork(join(__dirname, 'child.ts'), [JSON.stringify(task)], { silent: true })
    const before: Counts = { ...total, different: { ...total.different } }
    let said = ''
    child.stderr?.on('data', (text: Buffer) => {
      said = `${said}${text}`.slice(-2000)
    })
    child.on('message', (report: Report) => {
      if (report.is === 'found') return found(report.found)
      const sum = noCounts()
      add(sum, before)
      add(sum, report.counts)
      Object.assign(total, sum)
    })
    child.on('exit', (code, signal) => {
      const end = signal ?? `code ${code}`
      resolve(code === 0 ? undefined : `${end} ${said.replace(/\s+/g, ' ').slice(0, 400)}`)
    })
  })
}
