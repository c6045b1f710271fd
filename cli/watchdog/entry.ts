import { readFileSync, writeSync } from 'node:fs'
import { constants } from 'node:os'
import { parentPort, workerData } from 'node:worker_threads'
import { invariant } from '../../lib/invariant'
import { repeatMs } from './repeat'
import type { Told, WatchdogData } from './watchdog'

/** The watchdog thread, which ends a process that does not end by itself. */
invariant(parentPort, 'cli/watchdog/entry must be started as a thread')
const { endAfterMs } = workerData as WatchdogData
/** When this thread learned of the first signal. */
let heardAt: number | undefined

// Only Node's internal binding reports signals to threads. Without it, the thread relies on messages from the main
// thread.
const handles = [signalHandle('SIGTERM'), signalHandle('SIGINT')]
parentPort.on('message', (told: Told) => {
  if ('why' in told) end(told.signal, told.why)
  // It may be the signal that this thread has heard itself, since a busy main thread hears it later.
  else if (heardAt === undefined) begin(told.signal, told.at)
})

function heard(signal: NodeJS.Signals): void {
  const now = Date.now()
  if (heardAt === undefined) begin(signal, now)
  else if (now - heardAt > repeatMs) end(signal, `${signal} came a second time`)
}

function begin(signal: NodeJS.Signals, at: number): void {
  heardAt = Date.now()
  const left = at + endAfterMs - heardAt
  setTimeout(() => end(signal, `the shutdown did not finish within ${endAfterMs} ms`), left)
}

/** Ends the process by the signal itself, if the main thread no longer handles it; else by SIGKILL. */
function end(signal: NodeJS.Signals, why: string): void {
  say(`Presage is killed: ${why}`)
  // A worker process in the middle of a run would notice only later that its parent is gone.
  for (const child of children()) kill(child, 'SIGKILL')
  for (const handle of handles) handle?.close()
  setTimeout(() => {
    kill(process.pid, signal)
    setTimeout(() => kill(process.pid, 'SIGKILL'), 50)
  })
}

/** Linux only. Elsewhere, a worker process ends after its current run. */
function children(): readonly number[] {
  try {
    const ids = readFileSync(`/proc/${process.pid}/task/${process.pid}/children`, 'utf8').trim()
    return ids === '' ? [] : ids.split(' ').map(Number)
  } catch {
    return []
  }
}

function kill(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal)
  } catch {
    // It has ended already.
  }
}

function say(line: string): void {
  try {
    writeSync(2, `${line}\n`)
  } catch {
    // Nobody is reading.
  }
}

interface SignalHandle {
  onsignal: () => void
  start(number: number): number
  close(): void
}

function signalHandle(signal: 'SIGTERM' | 'SIGINT'): SignalHandle | undefined {
  try {
    const { internalBinding } = require('internal/test/binding') as InternalBinding
    const { Signal } = internalBinding('signal_wrap')
    const handle = new Signal()
    handle.onsignal = () => heard(signal)
    if (handle.start(constants.signals[signal]) === 0) return handle
    handle.close()
  } catch {
    // The binding is not available: see above.
  }
  return undefined
}

interface InternalBinding {
  internalBinding(name: 'signal_wrap'): { readonly Signal: new () => SignalHandle }
}
