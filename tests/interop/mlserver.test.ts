import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  appendFileSync,
  copyFileSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { packageRoot } from '../../lib/packagePaths'
import { postQuery } from '../support/example'
import { freePort } from '../support/freePort'
import { placedFar, writeRemoteConfig } from '../support/remoteExample'
import { type ServerProcess, startProcess, writeConfig } from '../support/serverProcess'
import { until } from '../support/until'
import { interopEnvironment, interopPython, withoutPython } from './interopPython'
import { untilReady } from './untilReady'

const found = interopPython
const query = '{ payments(first: 100) { id risk { probability } } }'

interface Risk {
  readonly id: string
  readonly risk: { readonly probability: number }
}

if (found === undefined) {
  console.warn(`skipped: ${withoutPython}`)
  it.skip(`skipped: ${withoutPython}`, () => {})
} else {
  describe('a shard that MLServer serves, under names of its own', () => {
    let mlServer: ChildProcess
    let server: ServerProcess
    let ports: number[]

    beforeAll(async () => {
      const python = interopEnvironment(found)
      ports = [await freePort(), await freePort(), await freePort()]
      mlServer = startMlServer(python, ports)
      const [http, grpc] = ports
      const ready = () =>
        fetch(`http://127.0.0.1:${http}/v2/models/risk-scorer/ready`).then(
          ({ ok }) => ok,
          () => false,
        )
      await until(ready, { everyMs: 100, withinMs: 120_000 })
      const config = writeRemoteConfig(
        [grpc],
        (rules) =>
          placedFar('payment-risk@3')(rules).replace(
            'default: payment-risk@3',
            'default: payment-risk@3, fallback: [payment-risk@2]',
          ),
        'grpc',
      )
      nameRemotely(config)
      server = await startProcess(config)
    }, 600_000)
    afterAll(async () => {
      await server?.stop()
      mlServer?.kill('SIGKILL')
    })

    it('answers the golden cases, and then fields as this machine does, within 1e-5', async () => {
      await untilReady(server, 'payment-risk@3')
      const here = await startProcess(writeConfig())
      const [far, near] = await Promise.all([server, here].map(({ url }) => postQuery(url, query)))
      await here.stop()
      expect(far.errors).toBeUndefined()
      const risks: readonly Risk[] = far.data.payments
      expect(risks).toHaveLength(100)
      const differences = risks.map(({ risk }, at) =>
        Math.abs(risk.probability - near.data.payments[at].risk.probability),
      )
      expect(Math.max(...differences)).toBeLessThan(1e-5)
    })

    it('falls back to a version of this machine when it is gone, if the rules say so', async () => {
      const [exited] = [once(mlServer, 'exit')]
      mlServer.kill('SIGKILL')
      await exited
      const { data, errors } = await postQuery(server.url, query)
      expect(errors).toBeUndefined()
      expect(data.payments).toHaveLength(100)
      const metrics = await (await fetch(server.url.replace('/graphql', '/metrics'))).text()
      expect(metrics).toMatch(/presage_fallback_total\{.*payment-risk@2.*\} 100/)
    })
  })
}

/** Gives the configuration a repository in which `payment-risk@3` has the names of the server below. */
function nameRemotely(config: string): void {
  const repository = mkdtempSync(join(tmpdir(), 'presage-mlserver-'))
  cpSync(join(packageRoot, 'examples/streaming'), repository, { recursive: true })
  appendFileSync(
    join(repository, 'models/payment-risk/3/model.yaml'),
    'remote: { model: risk-scorer, version: "1", inputs: { features: x }, outputs: { probability: p } }\n',
  )
  const settings = JSON.parse(readFileSync(config, 'utf8')) as { repositories: string[] }
  const repositories = settings.repositories.map((folder) =>
    folder.endsWith('examples/streaming') ? repository : folder,
  )
  writeFileSync(config, JSON.stringify({ ...settings, repositories }))
}

function startMlServer(python: string, [http, grpc, metrics]: readonly number[]): ChildProcess {
  const folder = mkdtempSync(join(tmpdir(), 'presage-mlserver-'))
  const model = join(folder, 'risk-scorer')
  mkdirSync(model)
  copyFileSync(
    join(packageRoot, 'examples/streaming/models/payment-risk/3/model.onnx'),
    join(model, 'model.onnx'),
  )
  const settings = {
    host: '127.0.0.1',
    http_port: http,
    grpc_port: grpc,
    metrics_port: metrics,
    parallel_workers: 0,
  }
  writeFileSync(join(folder, 'settings.json'), JSON.stringify(settings))
  writeFileSync(
    join(model, 'model-settings.json'),
    JSON.stringify({
      name: 'risk-scorer',
      implementation: 'onnx_runtime.OnnxModel',
      parameters: { uri: './model.onnx', version: '1' },
      inputs: [{ name: 'x', datatype: 'FP32', shape: [-1, 26] }],
      outputs: [{ name: 'p', datatype: 'FP32', shape: [-1] }],
    }),
  )
  return spawn(python, ['-m', 'mlserver.cli.main', 'start', folder], {
    env: { ...process.env, PYTHONPATH: join(__dirname, 'mlserver') },
    stdio: 'ignore',
  })
}
