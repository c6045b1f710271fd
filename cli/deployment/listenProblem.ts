import { type ListenAddress, ListenError, type ListenerName } from '../../gateway/http/listen'
import { addressOf } from '../../lib/addresses/addressOf'
import { isLoopback } from '../../lib/addresses/loopback'
import { LoadError } from '../../lib/errors'
import { placeInFile } from '../../lib/files/yamlPlaces'
import type { Config } from '../config/config'

/**
 * Turns a failure to listen into a LoadError that names the address and the configuration file. Returns any other error
 * unchanged. `command` is what takes the option for another port, if that is not the running command.
 */
export function listenProblem(error: unknown, { file }: Pick<Config, 'file'>, command?: string): unknown {
  if (!(error instanceof ListenError)) return error
  const { address, cause, listener } = error
  const { keys, option, hostOption } = listeners[listener]
  const inFile = (key: string) => `${keys}.${key} in ${placeInFile(file, `${keys}.${key}`)}`
  const reason = reasons.get(cause.code ?? '')
  const own = command === undefined ? '' : `${command} `
  const advice = reason?.isOfPort
    ? `try ${own}${option} with another port (0 takes any that is free), or ${inFile('port')}`
    : `try ${own}${hostOption} with another one, or ${inFile('host')}`
  const sentence = reason?.sentence ?? `must be an address of this machine (${cause.code ?? cause.message})`
  return new LoadError([`${addressOf(address.host, address.port)} ${sentence}; ${advice}`])
}

const reasons = new Map([
  ['EADDRINUSE', { sentence: 'is in use by another process', isOfPort: true }],
  ['EACCES', { sentence: 'needs more rights than this process has', isOfPort: true }],
])

interface Listener {
  readonly keys: string
  readonly option: string
  readonly hostOption: string
}

const listeners: Readonly<Record<ListenerName, Listener>> = {
  graph: { keys: 'server', option: '--port', hostOption: '--host' },
  admin: { keys: 'server.admin', option: '--admin-port', hostOption: '--admin-host' },
  inference: { keys: 'worker.http', option: '--http-port', hostOption: '--host' },
  inferenceGrpc: { keys: 'worker.grpc', option: '--grpc-port', hostOption: '--host' },
}

/** Where one of a command's servers is to listen. */
export interface WantedAddress extends ListenAddress {
  readonly listener: ListenerName
  /** Whether the port is an option of the command, and not of the configuration. */
  readonly isOption: boolean
  /** The environment variable that stood for the option, if one did. */
  readonly variable?: string
}

/** Throws a LoadError if two servers of a command are to listen at one address, which "in use" would not explain. */
export function requireDistinctPorts(wanted: readonly WantedAddress[], { file }: Pick<Config, 'file'>): void {
  const nameOf = ({ listener, isOption, variable }: WantedAddress) => {
    const { keys, option } = listeners[listener]
    return isOption ? (variable ?? option) : `${keys}.port (${placeInFile(file, `${keys}.port`)})`
  }
  for (const [at, one] of wanted.entries()) {
    const other = wanted.slice(at + 1).find((further) => areSame(one, further))
    if (other === undefined) continue
    throw new LoadError([
      `${nameOf(one)} and ${nameOf(other)}: must be different ports, got ${one.port} for both`,
    ])
  }
}

/** 0 takes any port that is free. */
function areSame(one: ListenAddress, other: ListenAddress): boolean {
  if (one.port !== other.port || one.port === 0) return false
  const { host } = one
  return host === other.host || isAny(host) || isAny(other.host) || areBothLocal(host, other.host)
}

function isAny(host: string): boolean {
  return host === '0.0.0.0' || host === '::'
}

function areBothLocal(one: string, other: string): boolean {
  return (one === 'localhost' && isLoopback(other)) || (other === 'localhost' && isLoopback(one))
}
