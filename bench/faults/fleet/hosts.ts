import { execFileSync } from 'node:child_process'
import { mkdirSync } from 'node:fs'

/** Undoes what it was returned for. */
export type Undo = () => void

/** Machines in one network. */
export interface Hosts {
  address(host: string): string
  /** The command that runs this one on a host. */
  on(host: string, command: readonly string[]): readonly string[]
  /** What can be done to the network; undefined where nothing can. */
  readonly network: Network | undefined
}

export interface Network {
  /** All that a host sends and all that is sent to it is lost. Nobody is told. */
  drop(host: string): Undo
  /** The link of a host is down, which the host sees. */
  unplug(host: string): Undo
  /** All that one host sends to another is lost; the other one is not told. */
  part(from: string, to: string): Undo
}

/**
 * Each host is a network namespace, joined to the others and to this one by a bridge. This process must be alone in its
 * own namespaces of network and mounts, which end with it and take all of that along.
 */
export function namespaceHosts(names: readonly string[]): Hosts {
  const bridge = 'hosts'
  mkdirSync(namesFolder, { recursive: true })
  run('mount', '-t', 'tmpfs', 'tmpfs', namesFolder)
  run('ip', 'link', 'set', 'lo', 'up')
  run('ip', 'link', 'add', bridge, 'type', 'bridge')
  run('ip', 'address', 'add', `${network}.1/24`, 'dev', bridge)
  run('ip', 'link', 'set', bridge, 'up')
  const address = addressesIn(network, names)
  for (const host of names) {
    run('ip', 'netns', 'add', host)
    run('ip', 'link', 'add', host, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', host)
    run('ip', 'link', 'set', host, 'master', bridge, 'up')
    run('ip', '-n', host, 'address', 'add', `${address(host)}/24`, 'dev', 'eth0')
    for (const link of ['eth0', 'lo']) run('ip', '-n', host, 'link', 'set', link, 'up')
  }
  const port = (host: string, isOpen: boolean) =>
    run('bridge', 'link', 'set', 'dev', host, 'state', isOpen ? 'forwarding' : 'disabled')
  return {
    address,
    on: (host, command) => ['ip', 'netns', 'exec', host, ...command],
    network: {
      drop(host) {
        port(host, false)
        return () => port(host, true)
      },
      unplug(host) {
        run('ip', '-n', host, 'link', 'set', 'eth0', 'down')
        return () => run('ip', '-n', host, 'link', 'set', 'eth0', 'up')
      },
      part(from, to) {
        const route = ['blackhole', `${address(to)}/32`]
        run('ip', '-n', from, 'route', 'add', ...route)
        return () => run('ip', '-n', from, 'route', 'delete', ...route)
      },
    },
  }
}

/** All hosts are this machine, by addresses of its own. */
export function loopbackHosts(names: readonly string[]): Hosts {
  return { address: addressesIn('127.0.77', names), on: (_, command) => command, network: undefined }
}

/** Where `ip` has the names of namespaces. */
const namesFolder = '/var/run/netns'
/** For tests of networks, by RFC 2544. */
const network = '198.18.77'

function addressesIn(part: string, names: readonly string[]): (host: string) => string {
  return (host) => `${part}.${names.indexOf(host) + 2}`
}

function run(command: string, ...args: readonly string[]): void {
  execFileSync(command, args, { stdio: ['ignore', 'ignore', 'pipe'] })
}
