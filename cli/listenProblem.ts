import { LoadError } from '../lib/errors'

/** An address that cannot be listened on is a mistake of the configuration; any other error stays what it is. */
export function listenProblem(error: unknown, host: string, port: number): unknown {
  const { syscall, code } = error as NodeJS.ErrnoException
  if (syscall !== 'listen' && syscall !== 'getaddrinfo') return error
  return new LoadError([`server: must be an address to listen on, got ${host}:${port} (${code})`])
}
