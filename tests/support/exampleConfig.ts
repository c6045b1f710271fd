import { join } from 'node:path'
import { type Config, loadConfig } from '../../cli/config/config'
import { packageRoot } from '../../lib/packagePaths'

const timeout = 20_000

/** The example's configuration, but for a request's time: a machine that is busy with tests may stall for a second. */
export function exampleConfig(): Config {
  const config = loadConfig(join(packageRoot, 'presage.yaml'))
  const { server, gateway } = config
  return { ...config, server: { ...server, timeout }, gateway: { ...gateway, timeout } }
}
