import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { composeServices } from '@theguild/federation-composition'
import { parse } from 'graphql'
import { adminAddress, adminReport, browserReport } from '../../../cli/config/adminAddress'
import { modelActions, reloadPath } from '../../../cli/deployment/reloadAction'
import { compiledPath } from '../../../lib/packagePaths'
import { grantedRoles } from '../../../lib/request/roles'
import { freePort } from '../../support/freePort'
import { type NodeProcess, startNode } from '../../support/nodeProcess'
import { runPresage, runPresageSync } from '../../support/presageCommand'
import { startProcess, writeConfig } from '../../support/serverProcess'
import { load, problemsOf } from '../writtenConfig'

const presage = compiledPath('cli/presage')
const running: NodeProcess[] = []

afterEach(async () => {
  await Promise.all(running.splice(0).map((process) => process.stop('SIGKILL')))
})

describe('server.admin', () => {
  it('is nowhere unless said, and on loopback unless said', () => {
    expect(load('{}').server.admin).toBeUndefined()
    expect(load('server: { admin: { port: 4001 } }').server.admin).toEqual({ host: '127.0.0.1', port: 4001 })
    expect(load('server: { admin: { port: 0, host: "::" } }').server.admin).toEqual({ host: '::', port: 0 })
  })

  it('is refused where it is no address', () => {
    expect(problemsOf('server: { admin: { port: 70000, host: "" } }')).toEqual([
      'server.admin.port: must be a whole number from 0 to 65535, got 70000',
      'server.admin.host: must not be empty, got ""',
    ])
    expect(problemsOf('server: { host: "" }')).toEqual(['server.host: must not be empty, got ""'])
    expect(problemsOf('server: { admin: { host: localhost } }')).toEqual([
      'server.admin.port: must be a whole number from 0 to 65535, got nothing',
    ])
    expect(problemsOf('server: { admin: { port: 1, hots: localhost } }')).toEqual([
      expect.stringMatching(/^server\.admin\.hots: /),
    ])
  })

  it('gives way to what the command says', () => {
    const config = load('server: { admin: { port: 4001, host: 10.0.0.7 } }')
    expect(adminAddress(config, {})).toEqual({ host: '10.0.0.7', port: 4001 })
    expect(adminAddress(config, { adminPort: 5001 })).toEqual({ host: '10.0.0.7', port: 5001 })
    expect(adminAddress(config, { adminHost: '::1' })).toEqual({ host: '::1', port: 4001 })
    expect(adminAddress(load('{}'), { adminPort: 0 })).toEqual({ host: '127.0.0.1', port: 0 })
    expect(adminAddress(load('{}'), {})).toBeUndefined()
  })

  it('is told at start, and that it is missing only where others can reach the graph', () => {
    expect(adminReport('http://127.0.0.1:4001', '0.0.0.0')).toEqual([
      'Operators find metrics, health and reloads at http://127.0.0.1:4001',
    ])
    expect(adminReport(undefined, '127.0.0.1')).toEqual([])
    expect(adminReport(undefined, '0.0.0.0')).toEqual([
      'Metrics and health details are for this machine only: server.admin gives them an address.',
    ])
  })
})

it('the pages for browsers are told, and which of them may not ask', () => {
  const told = (text: string) => browserReport(load(text), 'http://127.0.0.1:4000/graphql')
  expect(told('trustedDocuments: { file: m.json }')).toEqual([
    'GraphiQL is at http://127.0.0.1:4000/',
    'The console is at http://127.0.0.1:4000/console',
  ])
  expect(told('trustedDocuments: { file: m.json, only: true }')).toEqual([
    'GraphiQL cannot ask: trustedDocuments.only refuses its documents',
    'The console is at http://127.0.0.1:4000/console, with metrics only: trustedDocuments.only refuses its documents',
  ])
  expect(told('{ server: { ide: false }, console: false }')).toEqual([])
})

it.each([
  ['nobody where only this machine reaches operators', '127.0.0.1', [], true],
  ['nobody where others reach them', '0.0.0.0', [], false],
  ['an operator where others reach them', '0.0.0.0', ['operator'], true],
])('%s: listening on %s, with roles %j, may reload: %s', async (_, adminHost, roles, may) => {
  // The address of the graph says nothing about who reaches operators.
  const config = load(`server: { host: ${adminHost === '0.0.0.0' ? '127.0.0.1' : '0.0.0.0'} }`)
  const actions = modelActions(config, { adminHost, adminPort: 1 }, async () => ['done'])
  const request = { roles: grantedRoles(roles) } as unknown as Parameters<
    NonNullable<ReturnType<typeof actions.get>>
  >[0]
  const reloading = actions.get(reloadPath)!(request, {})
  if (may) expect(await reloading).toEqual({ done: ['done'] })
  else await expect(reloading).rejects.toMatchObject({ code: 'FORBIDDEN' })
})

describe('presage gateway', () => {
  const folder = mkdtempSync(join(tmpdir(), 'presage-admin-'))
  const { supergraphSdl } = composeServices([
    { name: 'a', url: 'http://127.0.0.1:1/', typeDefs: parse('type Query { hello: String }') },
  ])
  const file = join(folder, 'supergraph.graphql')
  writeFileSync(file, supergraphSdl ?? '')
  const command = (...args: string[]) => ['gateway', '--supergraph', file, '--port', '0', ...args]

  async function serve(...args: string[]): Promise<NodeProcess> {
    const process = await startNode([presage, ...command(...args)], /Presage serves (\S+)/, folder)
    running.push(process)
    return process
  }

  it('serves operators where its options say, without any configuration', async () => {
    const gateway = await serve('--admin-port', '0')
    const admin = adminUrl(gateway)
    expect(new URL(admin).hostname).toBe('127.0.0.1')
    expect(await (await fetch(`${admin}/metrics`)).text()).toContain('presage_plan_cache_hits_total')
    expect((await fetch(new URL('/metrics', gateway.ready))).status).toBe(404)
    expect(await gateway.stop()).toBe(0)
    await expect(fetch(admin)).rejects.toThrow()
  })

  it('does not start with the port that another one has for its operators, and says which', async () => {
    const port = new URL(adminUrl(await serve('--admin-port', '0'))).port
    const { code, err } = runPresageSync(command('--admin-port', port), { cwd: folder })
    expect([code, err]).toEqual([
      1,
      expect.stringContaining(
        `127.0.0.1:${port} is in use by another process; try --admin-port with another port`,
      ),
    ])
  })

  it('does not start with one port for both, and names both', () => {
    const { code, err } = runPresageSync(
      ['gateway', '--supergraph', file, '--port', '4321', '--admin-port', '4321'],
      { cwd: folder },
    )
    expect([code, err]).toEqual([
      1,
      '--port and --admin-port: must be different ports, got 4321 for both\n1 problem\n',
    ])
    const byVariable = runPresageSync(['gateway', '--supergraph', file, '--admin-port', '4321'], {
      cwd: folder,
      environment: { PORT: '4321' },
    })
    expect(byVariable.err).toBe(
      'PORT and --admin-port: must be different ports, got 4321 for both\n1 problem\n',
    )
  })

  test.each([
    ['start', '--host'],
    ['gateway', '--host'],
    ['worker', '--host'],
    ['gateway', '--admin-host'],
  ])('%s %s must not be empty, which would mean every address', (command, option) => {
    const { code, err } = runPresageSync([command, option, ''])
    expect({ code, err }).toEqual({
      code: 1,
      err: expect.stringContaining(
        `option '${option} <address>' argument '' is invalid. must be an address, got ""`,
      ),
    })
  })

  it('does not start with a host for operators and no port, or a port that is none', () => {
    const alone = runPresageSync(command('--admin-host', '::1'), { cwd: folder })
    expect([alone.code, alone.err]).toEqual([
      1,
      '--admin-host: must come with --admin-port or server.admin of the configuration, got ::1 alone\n1 problem\n',
    ])
    const none = runPresageSync(command('--admin-port', '70000'), { cwd: folder })
    expect([none.code, none.err]).toEqual([
      1,
      expect.stringContaining('must be a port from 0 to 65535, got 70000'),
    ])
  })
})

describe('presage start, subgraph and models reload', () => {
  const shards = { main: { kind: 'thread' as const, workers: 1, stallAfter: 10_000 } }

  it('the reload finds operators by the configuration', async () => {
    const port = await freePort()
    const config = writeConfig(({ server }) => ({
      shards,
      server: { ...server, admin: { port, host: '127.0.0.1' } },
    }))
    const server = await startProcess(config)
    try {
      expect(adminUrl(server)).toBe(`http://127.0.0.1:${port}`)
      expect(await runPresage(['--config', config, 'models', 'reload'])).toEqual({
        code: 0,
        out: 'nothing has changed\n',
        err: '',
      })
      const { code, err } = await runPresage(['--config', config, 'models', 'reload', '--url', server.url])
      expect([code, err]).toEqual([
        1,
        expect.stringContaining(
          'got no such path: /v1/models:reload, which is at the address of server.admin',
        ),
      ])
      expect((await fetch(new URL('/health/ready', server.url))).status).toBe(200)
    } finally {
      expect(await server.stop()).toBe(0)
    }
  })

  it('a reload asks this machine where operators are served on all addresses, and takes a role there', async () => {
    const port = await freePort()
    const config = writeConfig(({ server }) => ({
      shards,
      server: { ...server, admin: { port, host: '0.0.0.0' } },
    }))
    const args = [presage, '--config', config, 'subgraph', 'payments', '--port', '0']
    const subgraph = await startNode(args, /Presage serves \S+ at (\S+)/)
    running.push(subgraph)
    const { code, err } = await runPresage(['--config', config, 'models', 'reload'])
    expect([code, err]).toEqual([
      1,
      `http://127.0.0.1:${port}/v1/models:reload: must reload, got this needs the role operator\n1 problem\n`,
    ])
    const ready = await fetch(`http://127.0.0.1:${port}/health/ready`)
    expect(await ready.json()).toEqual({ ready: true, reasons: [] })
    expect(await (await fetch(new URL('/health/ready', subgraph.ready))).json()).toEqual({ ready: true })
    expect(await subgraph.stop()).toBe(0)
  })
})

/** Where a process says that its operators are served. */
function adminUrl({ stderr }: Pick<NodeProcess, 'stderr'>): string {
  return /^Operators find .* at (\S+)$/m.exec(stderr())?.[1] ?? ''
}
