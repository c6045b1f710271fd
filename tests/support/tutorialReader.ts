import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { type Answer, postQuery } from './example'
import { freePort } from './freePort'
import { giveMoreTime } from './moreTime'
import type { Step } from './tutorial'
import { until } from './until'

/** Does what a tutorial says, in terminals of its own. */
export interface TutorialReader {
  follow(step: Step): Promise<void>
  /** Ends the servers. */
  dispose(): Promise<void>
}

/** The ports that tutorials name. The reader takes others, since tests run beside each other. */
const namedPorts = Array.from({ length: 10 }, (_, at) => String(4000 + at))

/**
 * Begins in `folder`. `installPresage` is the command that runs where `npm install presage` is said; commands are looked for
 * in `bin` first.
 */
export async function createTutorialReader(
  folder: string,
  installPresage: string,
  bin: string,
): Promise<TutorialReader> {
  const ports = new Map<string, string>()
  for (const port of namedPorts) ports.set(port, String(await freePort()))
  const npm = {
    npm_config_audit: 'false',
    npm_config_fund: 'false',
    npm_config_prefer_offline: 'true',
    // That of ONNX Runtime downloads files for GPUs.
    npm_config_ignore_scripts: 'true',
  }
  // Python compiles what is imported; pip would compile all. Of options named no-, pip takes what is not true for yes.
  const pip = { PIP_NO_COMPILE: 'false' }
  const path = `${bin}:${process.env['PATH']}`
  const env = { ...process.env, ...npm, ...pip, PATH: path, PORT: ports.get('4000')!, NO_COLOR: '1' }
  const servers: Server[] = []
  let cwd = folder
  /** Of the last commands. */
  let output = ''
  let response: Answer = { data: undefined }

  return {
    async follow(step) {
      const text = step.text.replaceAll(/\b400\d\b/g, (port) => ports.get(port)!)
      switch (step.kind) {
        case 'file': {
          const path = resolve(cwd, step.path)
          mkdirSync(dirname(path), { recursive: true })
          writeFileSync(path, text)
          return
        }
        case 'commands':
          if ((await run(text)) !== 0) throw new Error(`${text}must succeed, got: ${output}`)
          return
        case 'failing':
          expect(await run(text)).toBeGreaterThan(0)
          return
        case 'output':
          expectLines(output, text)
          return
        case 'whole output':
          expect(output.trimEnd()).toBe(text.trimEnd())
          return
        case 'server':
          if (existsSync(join(cwd, 'presage.yaml'))) giveMoreTime(cwd)
          servers.push(await startServer(text.trim(), cwd, env))
          return
        case 'said':
          await until(() => servers.some((server) => server.said(text)))
          return
        case 'query': {
          const url = step.url?.replace(/\b400\d\b/, (port) => ports.get(port)!)
          response = await postQuery(url ?? `http://localhost:${env.PORT}/graphql`, text)
          return
        }
        case 'answer':
          expect(response.errors).toBeUndefined()
          expectAnswer(response.data, JSON.parse(text), isClose)
          return
        case 'data':
          expectAnswer(response.data, JSON.parse(text), isClose)
          return
        case 'response':
          expectAnswer(response, JSON.parse(text), isClose)
          return
        case 'similar':
          expect(response.errors).toBeUndefined()
          expectAnswer(response.data, JSON.parse(text), (actual) => expect(actual).toBeGreaterThan(0))
          return
      }
    },
    async dispose() {
      await Promise.all(servers.map((server) => server.stop()))
    },
  }

  /** The next commands begin in the folder where these have ended, as in a terminal. */
  async function run(commands: string): Promise<number> {
    const place = join(folder, '.place')
    const installing = commands.replace(/^npm install presage\b.*$/m, installPresage)
    const child = spawn('sh', ['-c', `set -e\n${installing}\npwd > ${place}`], { cwd, env })
    output = ''
    collect(child, (text) => {
      output += text
    })
    const [code] = await once(child, 'close')
    if (code === 0) cwd = readFileSync(place, 'utf8').trim()
    return code
  }
}

interface Server {
  /** Whether it has written these lines. */
  said(lines: string): boolean
  stop(): Promise<void>
}

/** Starts it, and waits until it says where it is. */
async function startServer(command: string, cwd: string, env: NodeJS.ProcessEnv): Promise<Server> {
  // A group of its own, since npm and npx stand between the shell and the server.
  const child = spawn('sh', ['-c', command], { cwd, env, detached: true })
  const ended = once(child, 'close')
  let written = ''
  collect(child, (text) => {
    written += text
  })
  await until(() => child.exitCode !== null || / (serves|at) http\S+/.test(written), { withinMs: 110_000 })
  if (child.exitCode !== null) throw new Error(`${command} has ended: ${written}`)
  return {
    said: (lines) => written.includes(lines),
    async stop() {
      process.kill(-child.pid!, 'SIGTERM')
      await ended
    },
  }
}

function collect({ stdout, stderr }: ChildProcess, take: (text: string) => void): void {
  for (const stream of [stdout!, stderr!]) stream.setEncoding('utf8').on('data', take)
}

/** Each line is in the output, in this order. Of a line that ends with `...` only the beginning. */
function expectLines(output: string, stated: string): void {
  const lines = output.split('\n')
  for (const line of stated.trimEnd().split('\n')) {
    const begin = line.endsWith(' ...') ? line.slice(0, -4) : undefined
    const at = lines.findIndex((one) =>
      begin === undefined ? one.trimEnd() === line : one.startsWith(begin),
    )
    if (at < 0) throw new Error(`must be written: ${line}\ngot: ${output}`)
    lines.splice(0, at + 1)
  }
}

function isClose(actual: number, stated: number): void {
  expect(actual).toBeCloseTo(stated, 4)
}

/** The same data, but for numbers, which are compared as the caller says. */
function expectAnswer(
  actual: unknown,
  stated: unknown,
  compare: (actual: number, stated: number) => void,
): void {
  if (typeof stated === 'number') compare(actual as number, stated)
  else if (stated === null || typeof stated !== 'object') expect(actual).toBe(stated)
  else {
    expect(Object.keys(actual as object)).toEqual(Object.keys(stated))
    for (const [key, value] of Object.entries(stated))
      expectAnswer((actual as Record<string, unknown>)[key], value, compare)
  }
}
