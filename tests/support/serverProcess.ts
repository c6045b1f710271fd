import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Config } from '../../cli/config/config'
import { compiledPath } from '../../lib/packagePaths'
import { exampleConfig } from './exampleConfig'
import { type Surroundings, startNode } from './nodeProcess'

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

/** Writes the example's configuration with changes laid over it, all paths absolute. A section is replaced as a whole. */
export function writeConfig(
  change: (config: Record<string, unknown> & Config) => object = () => ({}),
): string {
  const config = exampleConfig() as Config & Record<string, unknown>
  // The parsed section `rules` is in two parts; as text it is a path, so that versions are kept beside this file.
  const { file: _file, ruleStore: _store, ...sections } = { ...config, ...change(config) }
  const text = JSON.stringify(sections, (key, value) => (isDuration(key, value) ? `${value}ms` : value), 2)
  const path = join(mkdtempSync(join(tmpdir(), 'presage-test-')), 'presage.yaml')
  writeFileSync(path, text)
  return path
}

function isDuration(key: string, value: unknown): boolean {
  return (
    typeof value === 'number' &&
    ['timeout', 'grace', 'stallAfter', 'poll', 'deadline', 'lifetime', 'drain'].includes(key)
  )
}

export async function startProcess(
  configFile: string,
  script = compiledPath('cli/presage'),
  surroundings: Surroundings = {},
): Promise<ServerProcess> {
  const { pid, ready, stderr, stop } = await startNode(
    [script, '--config', configFile, 'start', '--port', '0'],
    /Presage serves (\S+)/,
    undefined,
    surroundings,
  )
  return {
    url: ready,
    pid,
    stderr,
    stop,
    children: () => {
      const ids = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim()
      return ids === '' ? [] : ids.split(' ').map(Number)
    },
  }
}
