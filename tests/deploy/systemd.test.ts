import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse, stringify } from 'yaml'
import { type Config, loadConfig } from '../../cli/config/config'
import { packageRoot } from '../../lib/packagePaths'
import { readPages } from '../docs/markdown'
import { postQuery } from '../support/example'
import { type NewProject, newProject } from '../support/newProject'
import { startNode } from '../support/nodeProcess'

/** deploy/systemd/: what the units start, with the configuration that docs/deploy.md has for them. */

const folder = join(packageRoot, 'deploy/systemd')
const kinds = ['gateway', 'worker'] as const
const unitOf = (kind: string) => readFileSync(join(folder, `presage-${kind}@.service`), 'utf8')
const settingOf = (kind: string, key: string) => new RegExp(`^${key}=(.*)$`, 'm').exec(unitOf(kind))![1]

/** The arguments of Node for the unit with this number. */
const argumentsOf = (kind: string, number: number) =>
  settingOf(kind, 'ExecStart').replaceAll('%i', String(number)).split(' ').slice(1)

const documented = readPages()
  .get('docs/deploy.md')!
  .blocks.find(({ info }) => info === 'yaml presage.yaml')!.text

let project: NewProject
let config: Config

beforeAll(() => {
  project = newProject()
  const file = join(project.folder, 'presage.yaml')
  const own = parse(readFileSync(file, 'utf8'))
  writeFileSync(file, stringify({ ...own, ...parse(documented) }))
  config = loadConfig(file)
})
afterAll(() => project.dispose())

it('gateways look for workers at the ports of the units', () => {
  const ports = [1, 2].map((number) => /--http-port (\d+)/.exec(argumentsOf('worker', number).join(' '))![1])
  expect(config.shards['main'].members).toMatchObject({ addresses: ports.map((port) => `127.0.0.1:${port}`) })
})

it('the two kinds share no port', () => {
  const ports = kinds.flatMap((kind) =>
    argumentsOf(kind, 1).filter((_, at, words) => /^--(\w+-)?port$/.test(words[at - 1] ?? '')),
  )
  expect(ports).toHaveLength(5)
  expect(new Set(ports).size).toBe(5)
})

it('gives each the time that it takes to stop', () => {
  const seconds = (kind: string) => Number(settingOf(kind, 'TimeoutStopSec'))
  expect(seconds('gateway')).toBeGreaterThan(config.server.grace / 1000)
  expect(seconds('worker')).toBeGreaterThan((config.worker.drain + config.server.grace) / 1000)
})

it('a gateway and a worker predict, started as the units start them', async () => {
  // Ports that are free, and rules that need no Redis.
  const start = (kind: string, pattern: RegExp) => {
    const args = argumentsOf(kind, 1)
    expect(existsSync(join(project.folder, args.find((one) => one.endsWith('.js'))!))).toBe(true)
    return startNode(
      args.map((word, at) => (/^--(\w+-)?port$/.test(args[at - 1] ?? '') ? '0' : word)),
      pattern,
      project.folder,
    )
  }
  const file = join(project.folder, 'presage.yaml')
  const write = (shard: object) =>
    writeFileSync(
      file,
      stringify({ ...parse(readFileSync(file, 'utf8')), rules: 'rules.yaml', shards: { main: shard } }),
    )
  write({})
  project.bePatient()
  const worker = await start('worker', /Presage serves shard main at http:\/\/(\S+)\/v2/)
  write({ endpoints: [worker.ready] })
  const gateway = await start('gateway', /Presage serves (\S+)\/graphql/)
  try {
    const { data, errors } = await postQuery(`${gateway.ready}/graphql`, '{ orders { returnRisk } }')
    expect(errors).toBeUndefined()
    expect(data.orders[0].returnRisk).toBeGreaterThan(0)
  } finally {
    await gateway.stop()
    await worker.stop()
  }
})

const hasSystemd = spawnSync('systemd-analyze', ['--version']).status === 0

;(hasSystemd ? it : it.skip)('systemd finds nothing wrong with the units', () => {
  for (const kind of kinds) {
    const file = join(project.folder, `presage-${kind}@1.service`)
    writeFileSync(file, unitOf(kind).replace('/usr/bin/node', process.execPath))
    const { status, stderr } = spawnSync('systemd-analyze', ['verify', file], { encoding: 'utf8' })
    expect([status, stderr.split('\n').filter((line) => line.includes('presage-'))]).toEqual([0, []])
  }
})
