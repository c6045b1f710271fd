import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Config, loadConfig } from '../../cli/config'
import { compiledPath, packageRoot } from '../../lib/compiled'

/** The product as users run it: a process of its own, started by its command. */
export interface ServerProcess {
  readonly url: string
  readonly pid: number
  readonly stderr: () => string
  /** Process ids of its children. */
  children(): number[]
  /** Sends a signal and answers the exit code, or the signal that ended it. */
  stop(signal?: NodeJS.Signals): Promise<number | NodeJS.Signals | null>
}

/** Writes the example's configuration with changes laid over it, all paths absolute. */
export function writeConfig(
  change: (config: Record<string, unknown> & Config) => object = () => ({}),
): string {
  const config = loadConfig(join(packageRoot, 'presage.yaml')) as Config & Record<string, unknown>
  const { file: _file, ...sections } = { ...config, ...change(config) }
  const text = JSON.stringify(sections, (key, value) => (isDuration(key, value) ? `${value}ms` : value), 2)
  const path = join(mkdtempSync(join(tmpdir(), 'presage-test-')), 'presage.yaml')
  writeFileSync(path, text)
  return path
}

function isDuration(key: string, value: unknown): boolean {
  return typeof value === 'number' && ['timeout', 'grace', 'stallAfter'].includes(key)
}

export async function startProcess(
  configFile: string,
  script = compiledPath('cli/presage'),
): Promise<ServerProcess> {
  const child = spawn(process.execPath, [script, '--config', configFile, 'start', '--port', '0'], {
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  let stderr = ''
  const exited = new Promise<number | NodeJS.Signals | null>((resolve) => {
    child.once('exit', (code, signal) => resolve(code ?? signal))
  })
  const url = await new Promise<string>((resolve, reject) => {
    child.stderr!.on('data', (chunk: Buffer) => {
      stderr += chunk
      const match = /Presage serves (\S+)/.exec(stderr)
      if (match) resolve(match[1])
    })
    exited.then((code) => reject(new Error(`exited with ${code} before it served: ${stderr}`)))
  })
  const pid = pidOf(child)
  return {
    url,
    pid,
    stderr: () => stderr,
    children: () => {
      const ids = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim()
      return ids === '' ? [] : ids.split(' ').map(Number)
    },
    async stop(signal = 'SIGTERM') {
      if (child.exitCode === null && child.signalCode === null) child.kill(signal)
      return exited
    },
  }
}

function pidOf(child: ChildProcess): number {
  if (child.pid === undefined) throw new Error('not started')
  return child.pid
}
