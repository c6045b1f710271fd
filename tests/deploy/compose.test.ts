import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { parse, stringify } from 'yaml'
import { loadConfig } from '../../cli/config/config'
import { routingKeyHeader } from '../../cli/proxy/envoyResources'
import { compiledPath, packageRoot } from '../../lib/packagePaths'
import { readPages } from '../docs/markdown'
import { postQuery } from '../support/example'
import { newProject } from '../support/newProject'
import { startNode } from '../support/nodeProcess'
import { startWorkerProcess } from '../support/workerProcess'

/** deploy/: what compose.yaml starts, and what all files there say of Presage. */

const deploy = join(packageRoot, 'deploy')
const read = (path: string) => readFileSync(join(deploy, path), 'utf8')
const compose = parse(read('compose.yaml'), { merge: true })
const image = read('Dockerfile')
const config = loadConfig(join(deploy, 'compose/presage.yaml'))
const workers = compose.services.workers
const gateways = Object.values<typeof workers>(compose.services).filter(
  ({ command }) => command?.[0] === 'start',
)

it('the configuration finds the services of compose.yaml by their names', () => {
  const { command, environment } = workers
  expect(command).toEqual(['worker', '--shard', 'main'])
  expect(config.shards['main'].members).toMatchObject({
    by: 'dns',
    name: 'workers',
    port: config.worker.http.port,
  })
  expect(new URL(environment.HEALTH_URL).port).toBe(String(config.worker.http.port))
  const { place } = config.ruleStore
  expect(place.kind === 'redis' && new URL(place.url).hostname in compose.services).toBe(true)
  const { console } = config
  expect(typeof console === 'object' && new URL(console.prometheus).hostname in compose.services).toBe(true)
  expect(gateways).toHaveLength(2)
  for (const { ports } of gateways) expect(ports[0]).toMatch(new RegExp(`:${config.server.port}$`))
})

it('gives each service the time that it takes to stop', () => {
  const seconds = (service: { stop_grace_period: string }) => Number.parseInt(service.stop_grace_period, 10)
  for (const gateway of gateways) expect(seconds(gateway)).toBeGreaterThan(config.server.grace / 1000)
  expect(seconds(workers)).toBeGreaterThan((config.worker.drain + config.server.grace) / 1000)
})

it('Prometheus reads every process, and Grafana has the dashboard', () => {
  const { scrape_configs } = parse(read('compose/prometheus.yml'))
  const targets = scrape_configs.map((one: { dns_sd_configs: [object] }) => one.dns_sd_configs[0])
  const { port } = config.server.admin!
  expect(targets).toMatchObject([
    { names: ['gateways'], type: 'A', port },
    { names: ['workers'], type: 'A', port },
  ])
  for (const { networks } of gateways) expect(networks.default.aliases).toEqual(['gateways'])
  const folders: string[] = Object.values<{ volumes?: string[] }>(compose.services)
    .flatMap(({ volumes = [] }) => volumes.map((one) => one.split(':')[0]))
    .filter((path) => path.startsWith('.'))
  expect(folders).toContain('../node_modules/presage/docs/grafana')
  for (const path of folders)
    expect(existsSync(resolve(deploy, path.replace('../node_modules/presage', packageRoot)))).toBe(true)
})

it('Envoy follows the files that a service writes, where it writes them', () => {
  const { 'proxy-sync': sync, envoy } = compose.services
  const [, , , folder] = sync.command
  expect(sync.command).toEqual(['proxy', 'sync', '--out', folder])
  expect(sync.volumes).toContain(`envoy:${folder}`)
  const start = 'helm/presage/envoy.yaml'
  expect(envoy.volumes).toEqual([`./${start}:/etc/envoy/envoy.yaml:ro`, `envoy:${folder}:ro`])
  const paths = [...read(start).matchAll(/path: ([^ }]+)/g)].map(([, path]) => path)
  expect(paths).toEqual([`${folder}/cds.json`, `${folder}/rds.json`])
  expect(read(start)).toContain(`- header: ${routingKeyHeader}\n`)
  expect(envoy.ports[0]).toMatch(/:8080$/)
})

it('the image starts the package itself, as a user by number, and looks at a gateway where one is', () => {
  const command = 'tini -- node --max-semi-space-size=32 node_modules/presage/dist/cli/presage.js'
  expect(image).toContain(`ENTRYPOINT ${JSON.stringify(command.split(' ')).replaceAll(',', ', ')}`)
  expect(existsSync(join(packageRoot, 'dist/cli/presage.js'))).toBe(true)
  expect(image).toMatch(/^USER \d+:\d+$/m)
  expect(image).toContain(`HEALTH_URL=http://127.0.0.1:${config.server.port}/`)
})

it('names no metric that there is not', () => {
  const names = readPages()
    .get('docs/metrics.md')!
    .codes.flatMap(({ text }) => text.match(/presage_\w+/g) ?? [])
  const files = readdirSync(deploy, { recursive: true, encoding: 'utf8' }).filter((path) =>
    /\.\w+$/.test(path),
  )
  const used = files.flatMap((path) => read(path).match(/presage_\w+/g) ?? [])
  expect(used.length).toBeGreaterThan(0)
  expect(used.filter((name) => !names.includes(name.replace(/_bucket$/, '')))).toEqual([])
})

it('a project of presage init predicts with this configuration, and answers what probes ask', async () => {
  const project = newProject()
  const {
    server: _server,
    rules: _rules,
    worker: _worker,
    shards: _shards,
    ...sections
  } = parse(read('compose/presage.yaml'))
  const file = join(project.folder, 'presage.yaml')
  const write = (shard: object) =>
    writeFileSync(
      file,
      stringify({
        ...sections,
        server: { timeout: '60s' },
        worker: { drain: '100ms' },
        shards: { main: shard },
      }),
    )
  write({})
  const worker = await startWorkerProcess(file)
  write({ endpoints: [new URL(worker.url).host] })
  const command = [compiledPath('cli/presage'), '--config', file, 'start', '--port', '0']
  const gateway = await startNode(command, /Presage serves (\S+)\/graphql/, project.folder)
  try {
    const answer = await postQuery(`${gateway.ready}/graphql`, '{ orders { returnRisk } }')
    expect(answer.errors).toBeUndefined()
    const status = async (base: string, url: string) => (await fetch(base + new URL(url).pathname)).status
    const [, ofGateways] = /HEALTH_URL=(\S+)/.exec(image)!
    expect(await status(gateway.ready, ofGateways)).toBe(200)
    expect(await status(worker.url, workers.environment.HEALTH_URL)).toBe(200)
    const chart = `${readFileSync(join(deploy, 'helm/presage/templates/gateway.yaml'))}`
    const probed = [...chart.matchAll(/httpGet: \{ path: (\S+),/g)].map(([, path]) => path)
    expect(probed).toHaveLength(2)
    for (const path of probed) expect(await status(gateway.ready, `http://x${path}`)).toBe(200)
    const ofWorkers = `${readFileSync(join(deploy, 'helm/presage/templates/workers.yaml'))}`
    const probedWorkers = [...ofWorkers.matchAll(/\{ path: (\S+), port: http \}/g)].map(([, path]) => path)
    expect(probedWorkers).toHaveLength(2)
    for (const path of probedWorkers) expect(await status(worker.url, `http://x${path}`)).toBe(200)
    const metrics = await (await fetch(`${worker.url}/metrics`)).text()
    expect(metrics).toMatch(/presage_queue_duration_seconds_bucket\{.*shard="main"/)
  } finally {
    await gateway.stop()
    await worker.stop()
    project.dispose()
  }
})
