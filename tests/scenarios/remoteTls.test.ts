import { readFileSync, writeFileSync } from 'node:fs'
import { request } from 'node:https'
import { Authority } from '../support/certificates'
import { postQuery } from '../support/example'
import { freePort } from '../support/freePort'
import { runPresage } from '../support/presageCommand'
import { placedFar, writeRemoteConfig } from '../support/remoteExample'
import { type ServerProcess, startProcess } from '../support/serverProcess'
import { until } from '../support/until'
import { startWorkerProcess, type WorkerProcess } from '../support/workerProcess'

/** The example with its ratings on a worker elsewhere that wants certificates, by one configuration for all. */
describe('a shard elsewhere that is reached by TLS alone', () => {
  const authority = new Authority('inside')
  const ofWorker = authority.issue('DNS:ratings.internal')
  const ofGraph = authority.issue('DNS:graph.internal')
  let config: string
  let worker: WorkerProcess
  let server: ServerProcess

  beforeAll(async () => {
    const [http, grpc] = [await freePort(), await freePort()]
    config = writeRemoteConfig([http], placedFar('rating-predictor'))
    const settings = JSON.parse(readFileSync(config, 'utf8'))
    settings.server.port = await freePort()
    settings.shards.far.tls = { ca: authority.cert, ...ofGraph, serverName: 'ratings.internal' }
    settings.worker = {
      drain: '200ms',
      tls: { ...ofWorker, clientCa: authority.cert },
      http: { port: http },
      grpc: { port: grpc },
    }
    writeFileSync(config, JSON.stringify(settings, undefined, 1))
    worker = await startWorkerProcess(config, { shard: 'far', httpPort: http, grpcPort: grpc })
    server = await startProcess(config)
  }, 120_000)
  afterAll(async () => {
    await server?.stop()
    await worker?.stop('SIGKILL')
  })

  it('answers', async () => {
    const { errors, data } = await postQuery(
      server.url,
      '{ titles(first: 3) { predictedRating(memberId: "1") } }',
    )
    expect(errors).toBeUndefined()
    expect(data.titles).toHaveLength(3)
    expect(worker.url).toMatch(/^https:/)
  })

  it('refuses a client without a certificate, and says so once', async () => {
    const ask = () =>
      new Promise((resolve, reject) => {
        request(`${worker.url}/v2`, {
          ca: readFileSync(authority.cert),
          checkServerIdentity: () => undefined,
        })
          .on('response', resolve)
          .on('error', reject)
          .end()
      })
    await expect(ask()).rejects.toThrow()
    await expect(ask()).rejects.toThrow()
    const refusals = () =>
      worker.stderr().match(/^refused a client at 127\.0\.0\.1: it has no certificate$/gm)
    await until(() => refusals() !== null)
    expect(refusals()).toHaveLength(1)
  })

  it('is what the doctor looks at: its ports, and what it serves', async () => {
    const { out } = await runPresage(['-c', config, 'doctor', '--json'])
    const { findings } = JSON.parse(out) as { findings: { check: string; isOk: boolean; text: string }[] }
    expect(findings.filter(({ check }) => check === 'worker' || check === 'shard far')).toEqual([
      {
        check: 'worker',
        isOk: true,
        text: expect.stringMatching(
          /^a server of models runs at \S+ already and a server of models runs at \S+ already$/,
        ),
      },
      {
        check: 'shard far',
        isOk: true,
        text: expect.stringMatching(
          /^127\.0\.0\.1:\d+ is ready and serves 4 of 4 versions with the tensors that they need$/,
        ),
      },
    ])
  })
})
