import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { parse, stringify } from 'yaml'
import { packageRoot } from '../../lib/packagePaths'
import { writeConfig } from './serverProcess'

/**
 * Writes the example's configuration with a shard `far` of servers at these ports of this machine, or told by these keys
 * of the shard. `change` alters the rule file, which places everything on `main`; `more` are sections of their own.
 */
export function writeRemoteConfig(
  members: readonly number[] | object,
  change: (rules: string) => string,
  protocol: 'grpc' | 'http' = 'http',
  more: object = {},
): string {
  const told = Array.isArray(members) ? { endpoints: members.map((port) => `127.0.0.1:${port}`) } : members
  const folder = mkdtempSync(join(tmpdir(), 'presage-remote-'))
  const rules = join(folder, 'rules.yaml')
  writeFileSync(rules, change(readFileSync(join(packageRoot, 'examples/streaming/rules.yaml'), 'utf8')))
  return writeConfig(() => ({
    rules,
    shards: {
      main: { kind: 'thread', workers: 1 },
      far: { kind: 'thread', workers: 1, ...told, protocol },
    },
    worker: { drain: 2000 },
    ...more,
  }))
}

/** Places a model, or a version, on `far`. */
export function placedFar(model: string): (rules: string) => string {
  return (rules) => rules.replace('placement: { "*": main }', `placement: { "*": main, "${model}": far }`)
}

/** A folder with the example's configuration and rules as `presage.yaml` and `rules.yaml`, changed by these sections. */
export function createOwnFolder(config: object, rules: object): string {
  const file = writeConfig(() => ({ ...config, rules: 'rules.yaml', worker: { drain: 200 } }))
  const own = parse(readFileSync(join(packageRoot, 'examples/streaming/rules.yaml'), 'utf8')) as object
  writeFileSync(join(dirname(file), 'rules.yaml'), stringify({ ...own, ...rules }))
  return dirname(file)
}
