import { type ChildProcess, fork, spawn } from 'node:child_process'
import { join } from 'node:path'
import { compiledPath, packageRoot } from '../lib/compiled'

/** A server under load, in a process of its own. */
export interface BenchServer {
  readonly url: string
  /** CPU seconds of the whole process so far, all threads. */
  cpuSeconds(): Promise<number>
  stop(): void
}

export async function startHandwritten(caseNumber: number): Promise<BenchServer> {
  const child = fork(compiledPath('bench/handwritten'), [String(caseNumber)])
  const { port } = await nextMessage<{ port: number }>(child)
  return {
    url: `http://127.0.0.1:${port}/`,
    async cpuSeconds() {
      child.send('cpu')
      const { cpu } = await nextMessage<{ cpu: NodeJS.CpuUsage }>(child)
      return (cpu.user + cpu.system) / 1e6
    },
    stop: () => child.disconnect(),
  }
}

export async function startPresage(): Promise<BenchServer> {
  const config = join(packageRoot, 'presage.yaml')
  const child = spawn(
    process.execPath,
    [compiledPath('cli/presage'), '--config', config, 'start', '--port', '0'],
    {
      stdio: ['ignore', 'inherit', 'pipe'],
    },
  )
  const url = await new Promise<string>((resolve, reject) => {
    let text = ''
    child.stderr.on('data', (chunk: Buffer) => {
      text += chunk
      const match = /Presage serves (\S+)/.exec(text)
      if (match) resolve(match[1])
    })
    child.once('exit', () => reject(new Error(text)))
  })
  return {
    url,
    async cpuSeconds() {
      const text = await (await fetch(new URL('/metrics', url))).text()
      return Number(/^process_cpu_seconds_total (\S+)/m.exec(text)![1])
    },
    stop: () => child.kill(),
  }
}

function nextMessage<T>(child: ChildProcess): Promise<T> {
  return new Promise((resolve, reject) => {
    const exited = (code: number | null) => reject(new Error(`exited with ${code}`))
    child.once('exit', exited)
    child.once('message', (message) => {
      child.off('exit', exited)
      resolve(message as T)
    })
  })
}
