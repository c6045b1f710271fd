import { ListenError, type ListenerName } from '../../gateway/http/listen'
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
  const { keys, option } = listeners[listener]
  const inFile = (key: string) => `${keys}.${key} in ${placeInFile(file, `${keys}.${key}`)}`
  const reason = reasons.get(cause.code ?? '')
  const advice = reason?.isOfPort
    ? `try ${command === undefined ? option : `${command} ${option}`} with another port (0 takes any that is free), or ${inFile('port')}`
    : `see ${inFile('host')}`
  const sentence = reason?.sentence ?? `must be an address of this machine (${cause.code ?? cause.message})`
  return new LoadError([`${address.host}:${address.port} ${sentence}; ${advice}`])
}

const reasons = new Map([
  ['EADDRINUSE', { sentence: 'is in use by another process', isOfPort: true }],
  ['EACCES', { sentence: 'needs more rights than this process has', isOfPort: true }],
])

const listeners: Readonly<Record<ListenerName, { readonly keys: string; readonly option: string }>> = {
  graph: { keys: 'server', option: '--port' },
  admin: { keys: 'server.admin', option: '--admin-port' },
  inference: { keys: 'worker.http', option: '--http-port' },
  inferenceGrpc: { keys: 'worker.grpc', option: '--grpc-port' },
}
