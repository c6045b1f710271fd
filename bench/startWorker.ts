import { spawn } from 'node:child_process'
import { compiledPath } from '../lib/packagePaths'
import { asStarted, pinned, type Started, written } from './startProcess'

/** Starts `presage worker` of a shard at these ports of HTTP and gRPC; 0 takes one that is free. */
export async function startWorker(
  config: string,
  shard: string,
  [http, grpc]: readonly number[],
): Promise<Started> {
  const ports = ['--http-port', String(http), '--grpc-port', String(grpc)]
  const script = [process.execPath, compiledPath('cli/presage'), '--config', config]
  const command = pinned([...script, 'worker', '--shard', shard, ...ports])
  const child = spawn(command[0], command.slice(1), { stdio: ['ignore', 'inherit', 'pipe'], env: asStarted })
  const url = await written(child, 'stderr', /Presage serves shard \S+ at (\S+)\/v2/)
  return { url, pids: [child.pid!], stop: () => child.kill('SIGKILL') }
}
