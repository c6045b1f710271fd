import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, constants, mkdtempSync, openSync, readFileSync } from 'node:fs'
import { Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { compiledPath } from '../../lib/packagePaths'

/** A process that logs to a file of its own and then ends with 3. */
function runsTo(file: string, script: string): Promise<number | NodeJS.Signals | null> {
  const log = openSync(file, 'a')
  const text = `const log = require(${JSON.stringify(compiledPath('telemetry/jsonLog'))}).createJsonLog('warn'); ${script}`
  const child = spawn(process.execPath, ['--eval', text], { stdio: ['ignore', 'ignore', log] })
  closeSync(log)
  const timer = setTimeout(() => child.kill('SIGKILL'), 20_000)
  return new Promise((resolve) => {
    child.once('exit', (code, signal) => {
      clearTimeout(timer)
      resolve(code ?? signal)
    })
  })
}

const lines = "for (const text of ['one', 'two', 'three']) log.write('warn', text)"
const goesOn = `
log.write('warn', 'one')
setTimeout(() => { log.write('warn', 'two'); setTimeout(() => process.exit(3), 200) }, 200)
`

it.each([
  ['goes on and ends as it wants to', goesOn],
  ['ends in the turn of its first lines', `${lines}; process.exit(3)`],
])('a process whose log is on a full disk %s', async (_, script) => {
  expect(await runsTo('/dev/full', script)).toBe(3)
})

it('what was logged in the last turn is written', async () => {
  const file = join(mkdtempSync(join(tmpdir(), 'presage-log-')), 'log')
  const last = "for (const text of ['four', 'five', 'six']) log.write('warn', text); process.exit(3)"
  expect(await runsTo(file, `${lines}; setImmediate(() => { ${last} })`)).toBe(3)
  const messages = readFileSync(file, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line).msg)
  // What another thread has begun to write may come late or not at all.
  expect(messages).toEqual(expect.arrayContaining(['five', 'six']))
})

it('lines of two processes stay whole in a pipe whose reader pauses', async () => {
  const path = join(mkdtempSync(join(tmpdir(), 'presage-log-')), 'pipe')
  execFileSync('mkfifo', [path])
  const reader = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK)
  const log = openSync(path, 'w')
  const script = `const log = require(${JSON.stringify(compiledPath('telemetry/jsonLog'))}).createJsonLog('warn')
    for (let n = 0; n < 2000; n++) log.write('warn', 'n'.repeat(n % 1000))
    process.stdout.write('logged')
    setInterval(() => {}, 1000)`
  const children = [1, 2].map(() =>
    spawn(process.execPath, ['--eval', script], { stdio: ['ignore', 'pipe', log] }),
  )
  closeSync(log)
  await Promise.all(children.map(({ stdout }) => once(stdout!, 'data')))
  const lines: string[] = []
  for await (const line of createInterface(new Socket({ fd: reader }))) if (lines.push(line) === 4000) break
  for (const child of children) child.kill('SIGKILL')
  const byProcess = new Map(children.map(({ pid }) => [pid, [] as number[]]))
  for (const line of lines) {
    const { pid, msg } = JSON.parse(line)
    byProcess.get(pid)!.push(msg.length)
  }
  const all = Array.from({ length: 2000 }, (_, n) => n % 1000)
  expect([...byProcess.values()]).toEqual([all, all])
})
