import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { loadConfig } from '../../../cli/config/config'
import { EnvoyFiles } from '../../../cli/proxy/envoyFiles'
import { type ProxySyncOptions, proxySync } from '../../../cli/proxy/proxySync'
import { systemClock } from '../../../lib/clock'
import { runPresage } from '../../support/presageCommand'

/** What Envoy makes of the files, tests/interop/envoy.test.ts asks Envoy itself. */

const folder = () => mkdtempSync(join(tmpdir(), 'presage-proxy-'))

function configWith(shards: string): string {
  const file = join(folder(), 'presage.yaml')
  writeFileSync(file, `repositories: []\nshards:\n  main: {}\n${shards}`)
  return file
}

function refusal(shards: string, options: Partial<ProxySyncOptions> = {}): Promise<string> {
  const config = loadConfig(configWith(shards))
  return proxySync(config, { out: folder(), once: true, ...options }).then(
    () => 'nothing was wrong',
    ({ message }: Error) => message,
  )
}

function filesOf(file: string, names: readonly string[], out: string, lines: string[]): EnvoyFiles {
  return new EnvoyFiles({
    config: loadConfig(file),
    shards: names.map((name) => ({ name, protocol: 'http', isPlaced: false })),
    folder: out,
    clock: systemClock,
    log: (line) => lines.push(line),
  })
}

const far = '  far: { endpoints: ["127.0.0.1:1"] }\n'

it.each([
  ['no shard is elsewhere', '', /presage.yaml: shards: must have one with servers elsewhere .*, got main$/],
  [
    'Envoy would have to trust whom Node trusts',
    '  far: { endpoints: ["127.0.0.1:1"], tls: true }\n',
    /presage.yaml: shards.far.tls.ca: must be given for Envoy/,
  ],
  [
    'Envoy would have to know a server by its host',
    '  far: { endpoints: ["127.0.0.1:1"], tls: { ca: ca.crt } }\n',
    /presage.yaml: shards.far.tls.serverName: must be given for Envoy/,
  ],
  [
    'an authority cannot be read',
    '  far:\n    endpoints: ["127.0.0.1:1"]\n    copies: 1\n    tls: { ca: no.crt, serverName: a }\n',
    /presage.yaml:\d+: shards.far.tls.ca: \S+no.crt: must be a readable file, got no such file/,
  ],
  [
    'there is no Kubernetes',
    '  far:\n    kubernetes: { service: s }\n',
    /presage.yaml:\d+: shards.far.kubernetes: must be used in a pod/,
  ],
])('refuses if %s', async (_, shards, expected) => {
  expect(await refusal(shards)).toMatch(expected)
})

it('refuses an --out that is no folder', async () => {
  const file = configWith(far)
  expect(await refusal(far, { out: file })).toBe(
    `--out: must be a folder that can be written to, got ${JSON.stringify(file)} (EEXIST)`,
  )
})

it('--once writes the files and ends; what is up to date is not written again', async () => {
  const config = configWith('  far: { endpoints: ["localhost:8000", "[::1]:8001"] }\n')
  const out = folder()
  const command = ['--config', config, 'proxy', 'sync', '--out', out, '--once', '--json']
  const shards = [{ shard: 'far', servers: 2, problem: null }]
  const first = await runPresage(command)
  expect(first).toMatchObject({ code: 0, err: '' })
  expect(JSON.parse(first.out)).toEqual({ written: ['eds-far.json', 'cds.json', 'rds.json'], shards })
  const again = filesOf(config, ['far'], out, [])
  expect(await again.write()).toEqual({ written: [], shards })
  await again.close()
  expect(readdirSync(out).sort()).toEqual(['cds.json', 'eds-far.json', 'rds.json'])
  const { resources } = JSON.parse(readFileSync(join(out, 'eds-far.json'), 'utf8'))
  const servers: { endpoint: { address: { socket_address: object } } }[] =
    resources[0].endpoints[0].lb_endpoints
  expect(servers.map(({ endpoint }) => endpoint.address.socket_address)).toEqual([
    { address: '127.0.0.1', port_value: 8000 },
    { address: '::1', port_value: 8001 },
  ])
})

it('has Envoy find a server that says nothing within two seconds', async () => {
  const out = folder()
  const files = filesOf(configWith(far), ['far'], out, [])
  await files.write()
  await files.close()
  const { resources } = JSON.parse(readFileSync(join(out, 'cds.json'), 'utf8'))
  const [{ interval, timeout, unhealthy_threshold }] = resources[0].health_checks
  const each = Number.parseFloat(interval) + Number.parseFloat(timeout)
  expect(unhealthy_threshold * each).toBeLessThanOrEqual(2)
})

it('tells of a shard whose servers are not known, whose file stays, and of hosts that have no address', async () => {
  const out = folder()
  const known = '{"resources":["those of before"]}'
  writeFileSync(join(out, 'eds-far.json'), known)
  const config = configWith(
    '  far: { dns: { name: far.invalid, port: 80, poll: 10m } }\n  near: { endpoints: ["near.invalid:80"] }\n',
  )
  const lines: string[] = []
  const files = filesOf(config, ['far', 'near'], out, lines)
  const { shards: told } = await files.write()
  await files.write()
  await files.close()
  expect(told).toEqual([
    { shard: 'far', servers: 0, problem: expect.stringMatching(/^far.invalid cannot be resolved: E/) },
    { shard: 'near', servers: 0, problem: expect.stringMatching(/^near.invalid cannot be resolved: E/) },
  ])
  expect(readFileSync(join(out, 'eds-far.json'), 'utf8')).toBe(known)
  expect(lines.filter((line) => /^near.invalid cannot be resolved: E/.test(line))).toHaveLength(1)
})

it('keeps the versions of a folder that cannot be read, and takes up new ones beside it', async () => {
  const root = folder()
  const versions = (model: string) => join(root, 'models', model)
  mkdirSync(join(versions('a'), '1'), { recursive: true })
  const config = join(folder(), 'presage.yaml')
  writeFileSync(
    config,
    `repositories: [${root}]\nshards:\n  main: {}\n  far: { endpoints: ["127.0.0.1:1"], copies: 1 }\n`,
  )
  const out = folder()
  let later = 0
  const files = new EnvoyFiles({
    config: loadConfig(config),
    shards: [{ name: 'far', protocol: 'http', isPlaced: true }],
    folder: out,
    clock: { ...systemClock, now: () => systemClock.now() + later },
    log: () => {},
  })
  const placed = async () => {
    await files.write()
    later += 60_000
    return readFileSync(join(out, 'eds-far.json'), 'utf8').match(/[ab]@1/g)
  }
  expect(await placed()).toEqual(['a@1'])
  renameSync(versions('a'), join(root, 'aside'))
  symlinkSync('a', versions('a'))
  mkdirSync(join(versions('b'), '1'), { recursive: true })
  expect(await placed()).toEqual(['a@1', 'b@1'])
  await files.close()
})
