import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { type DoorName, listen } from '../../gateway/http/listen'
import { LoadError } from '../../lib/errors'
import { packageRoot } from '../../lib/packagePaths'
import { compileSemver } from '../../routing/predicates/semver'
import { findRuntime, loadRuntime, runtimePackage } from '../../workers/runtime/onnxRuntime'
import { adminAddress } from '../config/adminAddress'
import type { Config } from '../config/config'
import { listenProblem } from '../deployment/listenProblem'

export function checkNode(): string {
  const { engines } = JSON.parse(readFileSync(join(packageRoot, 'package.json'), 'utf8')) as {
    readonly engines: { readonly node: string }
  }
  const { node } = process.versions
  if (compileSemver(engines.node)(node)) return node
  throw new LoadError([`must be ${engines.node}, got ${node}; install a newer Node`])
}

/** Loads the runtime's binary, as a worker would. */
export function checkRuntime(): string {
  loadRuntime()
  return `${runtimePackage.name} ${runtimePackage.version} loads, from ${findRuntime()}`
}

/** Checks that the addresses of the configuration are free, by listening on each for a moment. */
export async function checkAddresses(config: Config): Promise<string> {
  const { host, port } = config.server
  const addresses: (readonly [DoorName, { readonly host: string; readonly port: number }])[] = [
    ['graph', { host, port }],
  ]
  const admin = adminAddress(config, {})
  if (admin !== undefined) addresses.push(['admin', admin])
  const problems: string[] = []
  for (const [door, address] of addresses) {
    const server = createServer()
    try {
      await listen(server, door, address)
    } catch (error) {
      const problem = listenProblem(error, config)
      if (!(problem instanceof LoadError)) throw problem
      problems.push(...problem.problems)
    }
    await new Promise((resolve) => server.close(resolve))
  }
  if (problems.length > 0) throw new LoadError(problems)
  const names = addresses.map(([, address]) => `${address.host}:${address.port}`)
  return `${names.join(' and ')} ${names.length === 1 ? 'is' : 'are'} free`
}
