import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** Exactly these, so that two runs of the bench measure the same. */
const gatewayPackages = {
  '@apollo/gateway': '2.14.4',
  '@apollo/server': '5.5.1',
  graphql: '16.15.0',
}
const pythonPackages = [
  'fastapi==0.165.0',
  'starlette==1.10.0',
  'uvicorn==0.54.0',
  'uvloop==0.23.0',
  'httptools==0.9.0',
  'onnxruntime==1.32.0',
  'numpy==2.4.6',
  'orjson==3.13.0',
]

/** The folder whose node_modules hold the stock gateway; installed once for a machine, outside this package. */
export function gatewayEnvironment(): string {
  return environment('gateway', gatewayPackages, (folder) => {
    writeFileSync(
      join(folder, 'package.json'),
      JSON.stringify({ private: true, dependencies: gatewayPackages }),
    )
    execFileSync('npm', ['install', '--ignore-scripts', '--no-audit', '--no-fund'], {
      cwd: folder,
      stdio: 'pipe',
    })
  })
}

/** The Python that has FastAPI and the runtime; installed once for a machine, outside this package. */
export function pythonEnvironment(): string {
  const folder = environment('python', pythonPackages, (fresh) => {
    execFileSync('python3', ['-m', 'venv', fresh], { stdio: 'pipe' })
    const pip = ['-m', 'pip', 'install', '--quiet', '--only-binary', ':all:', ...pythonPackages]
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
