import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { compiledPath, packageRoot } from '../../lib/packagePaths'
import type { TraceContext } from '../../lib/request/traceContext'
import { dataFromJson } from '../../workers/protocol/json/jsonData'
import { noParameters } from '../../workers/protocol/parameters'
import { createGrpcClient } from '../../workers/remote/grpcClient'
import { Placement } from '../../workers/remote/placement'
import { Authority } from '../support/certificates'
import { envoyBinary } from '../support/envoyBinary'
import { EnvoyServer } from '../support/envoyServer'
import { type NodeProcess, startNode } from '../support/nodeProcess'
import { findPython } from '../support/pythonVenv'
import { RedisServer } from '../support/redisServer'
import { writeRemoteConfig } from '../support/remoteExample'
import { type ServerProcess, startProcess } from '../support/serverProcess'
import { until } from '../support/until'
import { startWorkerProcess, type WorkerProcess } from '../support/workerProcess'

interface Golden {
  readonly tolerance: number
  readonly cases: readonly {
    readonly input: Readonly<Record<string, unknown>>
    readonly output: { readonly probability: number }
  }[]
}

const golden = JSON.parse(
  readFileSync(join(packageRoot, 'examples/streaming/models/abuse-score/2/golden.json'), 'utf8'),
) as Golden

/** All golden cases as one call of the workflow: a row each. */
const inputs = Object.entries(golden.cases[0].input).map(([name, first]) => {
  const values = golden.cases.map(({ input }) => input[name])
  return Array.isArray(first)
    ? { name, datatype: 'BYTES', shape: [values.length], data: values.map((value) => JSON.stringify(value)) }
    : { name, datatype: 'FP64', shape: [values.length], data: values }
})
const header = 'x-presage-routing-key'

const python = findPython()
if (python === undefined) {
  const reason = 'no Python from 3.10 on with venv and pip in PATH, and PYTHON names none'
  console.warn(`skipped: ${reason}`)
  it.skip(`skipped: ${reason}`, () => {})
} else {
  describe('a client that has resolved a route, by way of Envoy', () => {
    const authority = new Authority('inside')
    const folder = mkdtempSync(join(tmpdir(), 'presage-xds-'))
    const workers: WorkerProcess[] = []
    let redis: RedisServer
    let config: string
    let gateway: ServerProcess
    let sync: NodeProcess
    let envoy: EnvoyServer

    const startWorker = async () => {
      const worker = await startWorkerProcess(config, { shard: 'far' })
      workers.push(worker)
      return worker
    }
    const addressOf = ({ url }: WorkerProcess) => new URL(url).host
    const startSync = (file: string) =>
      startNode(
        [compiledPath('cli/presage'), '--config', file, 'proxy', 'sync', '--out', folder],
        /(Presage keeps Envoy's files)/,
      )

    beforeAll(async () => {
      const binary = envoyBinary(python)
      redis = await RedisServer.start([])
      const far = { redis: { url: redis.url }, copies: 2 }
      const place = (rules: string) =>
        rules.replace('{ "*": main }', '{ "*": main, abuse-score: far, payment-risk: far }')
      config = writeRemoteConfig(far, place, 'http', { server: { timeout: 8_000 } })
      const { rules } = JSON.parse(readFileSync(config, 'utf8'))
      const lockedRules = join(dirname(rules), 'locked.yaml')
      writeFileSync(
        lockedRules,
        readFileSync(rules, 'utf8').replace('abuse-score: far', 'abuse-score: locked'),
      )
      const secret = changed({
        rules: lockedRules,
        worker: { tls: { ...authority.issue('DNS:scores.internal'), clientCa: authority.cert } },
        shards: { locked: {} },
      })
      const [locked] = await Promise.all([
        startWorkerProcess(secret, { shard: 'locked' }),
        startWorker(),
        startWorker(),
        startWorker(),
      ])
      workers.push(locked)
      const tls = {
        ca: authority.cert,
        serverName: 'scores.internal',
        ...authority.issue('DNS:envoy.internal'),
      }
      const shards = {
        wire: { endpoints: [workers[0].address.replace('127.0.0.1', 'localhost')], protocol: 'grpc' },
        locked: { endpoints: [addressOf(locked)], tls },
      }
      ;[gateway, sync] = await Promise.all([startProcess(config), startSync(changed({ shards }))])
      envoy = await EnvoyServer.start(binary, folder)
      // Workers on a busy machine may answer too late at first.
      await until(async () => (await resolve()).ok)
    }, 600_000)
    afterAll(async () => {
      await Promise.all([gateway?.stop('SIGKILL'), sync?.stop('SIGKILL'), envoy?.stop()])
      await Promise.all(workers.map((worker) => worker.stop('SIGKILL')))
      await RedisServer.stopAll()
    })

    /** The configuration with shards and sections beside its own, in a file of its own. */
    function changed({
      shards,
      ...sections
    }: {
      readonly shards: object
      readonly [section: string]: unknown
    }): string {
      const settings = JSON.parse(readFileSync(config, 'utf8'))
      const file = join(mkdtempSync(join(tmpdir(), 'presage-envoy-')), 'presage.yaml')
      writeFileSync(
        file,
        JSON.stringify({ ...settings, ...sections, shards: { ...settings.shards, ...shards } }),
      )
      return file
    }

    const ask = (path: string, key: string, body?: object) =>
      fetch(`${envoy.url}${path}`, {
        headers: { [header]: key },
        ...(body && { method: 'POST', body: JSON.stringify(body) }),
      })

    /** How far an answer is from the golden ones, at most; the text of one that is none. */
    async function difference(key: string): Promise<number | string> {
      const [name, version] = key.split('@')
      const response = await ask(`/v2/models/${name}:workflow/versions/${version}/infer`, key, { inputs })
      if (response.status !== 200) return `${response.status}: ${await response.text()}`
      const { outputs } = (await response.json()) as { outputs: { name: string; data: number[] }[] }
      return distance(outputs.find((one) => one.name === 'probability')!.data)
    }

    const resolve = () =>
      fetch(gateway.url.replace('/graphql', '/v1/routes:resolve'), {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ objective: 'ABUSE_SCORE' }),
      })

    it('gets what the version that the route names answers, which is the golden answers', async () => {
      const { routingKey } = (await (await resolve()).json()) as { routingKey: string }
      expect(routingKey).toBe('abuse-score@2@far')
      expect(await difference(routingKey)).toBeLessThan(golden.tolerance)
      expect(await difference('abuse-score@2@locked')).toBeLessThan(golden.tolerance)
    })

    it('the same over gRPC', async () => {
      const client = createGrpcClient(`127.0.0.1:${envoy.port}`)
      const request = {
        model: 'abuse-score:workflow',
        version: '2',
        id: '',
        parameters: noParameters,
        inputs: inputs.map(({ name, datatype, shape, data }) => {
          const wire = dataFromJson(name, datatype, shape, data)
          return { name, datatype, shape, parameters: noParameters, data: wire }
        }),
        outputs: [{ name: 'probability', parameters: noParameters }],
      }
      const metadata = { [header]: 'abuse-score@2@wire' } as unknown as TraceContext
      const { response } = await client.infer(request, Date.now() + 10_000, metadata)
      client.close()
      const bytes = Uint8Array.from(response.outputs[0].data as Uint8Array)
      expect(distance([...new Float64Array(bytes.buffer)])).toBeLessThan(golden.tolerance)
    })

    it('reaches models of shards alone, and nothing that loads or unloads them', async () => {
      const statuses = await Promise.all([
        ask('/v2/models/abuse-score', 'abuse-score@2@main'),
        ask('/v2/models/abuse-score', 'abuse-score@2'),
        ask('/v2/repository/models/abuse-score/unload', 'abuse-score@2@far', {}),
        ask('/v2/repository/index', 'abuse-score@2@far', {}),
      ])
      expect(statuses.map(({ status }) => status)).toEqual([404, 404, 404, 404])
    })

    it('asks for each version only the workers that hold it for gateways too', async () => {
      const addresses = (await envoy.calls('far')).keys()
      const placement = new Placement(2)
      placement.change([...addresses].map((address) => ({ address, isUp: true, refuses: () => false })))
      for (const key of [
        'abuse-score@1',
        'abuse-score@2',
        'payment-risk@1',
        'payment-risk@2',
        'payment-risk@3',
      ]) {
        const before = await envoy.calls('far')
        const path = `/v2/models/${key.replace('@', '/versions/')}`
        for (let n = 0; n < 12; n++) expect((await ask(path, `${key}@far`)).status).toBe(200)
        const after = await envoy.calls('far')
        const asked = [...after].filter(([address, count]) => count > before.get(address)!)
        expect(asked.map(([address]) => address).sort()).toEqual(
          placement
            .holders(key)
            .map(({ address }) => address)
            .sort(),
        )
      }
    })

    it('loses no call while a worker dies, one freezes and one comes, which is asked without a restart', async () => {
      const key = 'abuse-score@2@far'
      const before = await envoy.calls('far')
      const failures: (number | string)[] = []
      let answered = 0
      let isOver = false
      const client = async () => {
        while (!isOver) {
          const result = await difference(key)
          if (typeof result === 'number' && result < golden.tolerance) answered++
          else failures.push(result)
        }
      }
      const placement = new Placement(2)
      placement.change([...before.keys()].map((address) => ({ address, isUp: true, refuses: () => false })))
      const [first, second] = placement
        .holders(key.slice(0, -'@far'.length))
        .map(({ address }) => workers.find((worker) => addressOf(worker) === address)!)
      const clients = [client(), client(), client(), client()]
      const more = async () => {
        const goal = answered + 100
        await until(() => answered >= goal || failures.length > 0)
      }
      const third = [...before.keys()].find((one) => ![first, second].map(addressOf).includes(one))!
      const asked = (address: string) => async () =>
        ((await envoy.calls('far')).get(address) ?? 0) > (before.get(address) ?? 0)
      try {
        await more()
        await first.stop('SIGKILL')
        await until(asked(third))
        // Until the calls are answered that were sent again: they are sent once more, and not twice.
        await more()
        process.kill(second.pid, 'SIGSTOP')
        const newcomer = await startWorker()
        await until(asked(addressOf(newcomer)))
        process.kill(second.pid, 'SIGCONT')
        await more()
      } finally {
        isOver = true
        await Promise.all(clients)
      }
      expect(failures).toEqual([])
    })

    it('reaches the last workers that were known, while Redis is away and the files are written anew', async () => {
      const ports = () =>
        [...readFileSync(join(folder, 'eds-far.json'), 'utf8').matchAll(/"port_value": (\d+)/g)].map(
          ([, port]) => port,
        )
      const before = ports()
      expect(before.length).toBeGreaterThan(1)
      await redis.kill()
      expect(await sync.stop()).toBe(0)
      sync = await startSync(config)
      expect(sync.stderr()).toContain('shard far: the list of its servers is not up to date')
      expect(ports()).toEqual(before)
      expect(await difference('abuse-score@2@far')).toBeLessThan(golden.tolerance)
      expect(envoy.warnings()).toEqual([])
    })
  })
}

function distance(probabilities: readonly number[]): number {
  expect(probabilities).toHaveLength(golden.cases.length)
  return Math.max(...golden.cases.map(({ output }, at) => Math.abs(output.probability - probabilities[at])))
}
