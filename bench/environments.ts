import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { packageRoot } from '../lib/packagePaths'

/** Exactly these, so that two runs of the bench measure the same. */
const gatewayPackages = {
  '@apollo/gateway': '2.14.4',
  '@apollo/server': '5.5.1',
  graphql: '16.15.0',
}
const mercuriusPackages = {
  mercurius: '16.10.1',
  fastify: '5.12.8',
  graphql: '16.15.0',
}

const runtime = ['onnxruntime==1.32.0', 'numpy==2.4.6', 'orjson==3.13.0', 'httptools==0.9.0']
const uvicorn = ['uvicorn==0.54.0', 'uvloop==0.23.0']
const pythonPackages = {
  fastapi: [...runtime, ...uvicorn, 'fastapi==0.165.0', 'starlette==1.10.0'],
  litserve: [...runtime, ...uvicorn, 'litserve==0.2.19', 'fastapi==0.165.0', 'starlette==1.10.0'],
  bentoml: [...runtime, ...uvicorn, 'bentoml==1.4.40', 'starlette==1.10.0'],
  mlserver: [
    ...runtime,
    'mlserver==1.7.1',
    'fastapi==0.115.14',
    'starlette==0.46.2',
    'uvicorn==0.54.0',
    'uvloop==0.21.0', // its workers do not start on newer ones
  ],
}

export type PythonPeer = keyof typeof pythonPackages

/** The folder whose node_modules hold the stock gateway; installed once for a machine, outside this package. */
export function gatewayEnvironment(): string {
  return nodeEnvironment('gateway', gatewayPackages)
}

/** The same of Mercurius. */
export function mercuriusEnvironment(): string {
  return nodeEnvironment('mercurius', mercuriusPackages)
}

function nodeEnvironment(name: string, dependencies: Readonly<Record<string, string>>): string {
  return environment(name, dependencies, (folder) => {
    writeFileSync(join(folder, 'package.json'), JSON.stringify({ private: true, dependencies }))
    execFileSync('npm', ['install', '--ignore-scripts', '--no-audit', '--no-fund'], {
      cwd: folder,
      stdio: 'pipe',
    })
  })
}

/** The Python that has a peer and the runtime; installed once for a machine, outside this package. */
export function pythonEnvironment(peer: PythonPeer): string {
  return pythonWith(peer, pythonPackages[peer])
}

/** The Python that has the servers of the Open Inference Protocol with which the product is tested. */
export function modelServerEnvironment(): string {
  const file = readFileSync(join(packageRoot, 'tests/interop/requirements.txt'), 'utf8')
  return pythonWith(
    'model-servers',
    file.split('\n').filter((line) => /^[a-z]/.test(line)),
  )
}

function pythonWith(name: string, packages: readonly string[]): string {
  const folder = environment(name, packages, (fresh) => {
    execFileSync('python3', ['-m', 'venv', fresh], { stdio: 'pipe' })
    const pip = ['-m', 'pip', 'install', '--quiet', '--only-binary', ':all:', ...packages]
    execFileSync(join(fresh, 'bin/python'), pip, { stdio: 'pipe' })
  })
  return join(folder, 'bin/python')
}

function environment(name: string, pins: object, install: (folder: string) => void): string {
  const digest = createHash('sha256').update(JSON.stringify(pins)).digest('hex').slice(0, 12)
  const folder = join(tmpdir(), `presage-bench-${name}-${digest}`)
  // Written last: a folder without it is what an interrupted installation left.
  const finished = join(folder, 'installed')
  if (existsSync(finished)) return folder
  process.stderr.write(`installing the ${name} peer into ${folder}\n`)
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  try {
    install(folder)
  } catch (error) {
    const { message, stderr } = error as Error & { stderr?: Buffer }
    const reason = stderr?.toString().trim().split('\n').slice(-5).join('\n') || message
    throw new Error(
      `The ${name} peer could not be installed into ${folder}, so there is nothing to compare with:\n${reason}`,
    )
  }
  writeFileSync(finished, '')
  return folder
}
