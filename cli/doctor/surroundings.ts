import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { type ListenAddress, type ListenerName, listen } from '../../gateway/http/listen'
import { addressOf } from '../../lib/addresses/addressOf'
import { httpUrl } from '../../lib/addresses/httpUrl'
import { LoadError } from '../../lib/errors'
import { packageRoot } from '../../lib/packagePaths'
import { compileSemver } from '../../routing/predicates/semver'
import { findRuntime, loadRuntime, runtimePackage } from '../../workers/runtime/onnxRuntime'
import { adminAddress } from '../config/adminAddress'
import type { Config } from '../config/config'
import { listenProblem, requireDistinctPorts } from '../deployment/listenProblem'
import { patienceMs } from './patience'

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

/** Checks that the addresses are free, or that a Presage server, probably this project's own, has them. */
export async function checkAddresses(config: Config): Promise<string> {
  const { host, port } = config.server
  const addresses: Place[] = [['graph', { host, port }]]
  const admin = adminAddress(config, {})
  if (admin !== undefined) addresses.push(['admin', admin])
  requireDistinctPorts(
    addresses.map(([listener, address]) => ({ listener, ...address, isOption: false })),
    config,
  )
  const problems: string[] = []
  const found: string[] = []
  for (const [listener, address] of addresses) {
    const name = addressOf(address.host, address.port)
    const problem = await listenProblemAt([listener, address], config, 'presage start')
    if (problem === undefined) found.push(`${name} is free`)
    else if (await isPresage(address))
      found.push(`a Presage server, probably this project's, runs at ${name} already`)
    else problems.push(problem)
  }
  if (problems.length > 0) throw new LoadError(problems)
  return found.join(' and ')
}

export type Place = readonly [ListenerName, ListenAddress]

/** Undefined if the address is free. `command` takes the option for another port. */
export async function listenProblemAt(
  [listener, address]: Place,
  config: Config,
  command: string,
): Promise<string | undefined> {
  const server = createServer()
  try {
    await listen(server, listener, address)
    return undefined
  } catch (error) {
    const problem = listenProblem(error, config, command)
    if (!(problem instanceof LoadError)) throw problem
    return problem.message
  } finally {
    await new Promise((resolve) => server.close(resolve))
  }
}

async function isPresage({ host, port }: ListenAddress): Promise<boolean> {
  try {
    const response = await fetch(`${httpUrl(host, port)}/health/live`, {
      signal: AbortSignal.timeout(patienceMs),
    })
    return (await response.text()) === '{"live":true}'
  } catch {
    return false
  }
}
