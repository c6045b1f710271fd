import { join } from 'node:path'
import { type ModelServer, type ModelServerKind, startModelServer } from '../../bench/modelServers'
import { packageRoot } from '../../lib/packagePaths'
import { postQuery, readCounter } from '../support/example'
import { load } from '../support/load'
import { placedFar, writeRemoteConfig } from '../support/remoteExample'
import { type ServerProcess, startProcess, writeConfig } from '../support/serverProcess'
import { until } from '../support/until'
import { interopEnvironment, interopPython, withoutPython, withoutTriton } from './interopPython'
import { untilReady } from './untilReady'

/** Presage under test has two cores with the servers and the tests: a page that costs little. */
const few = '{ messages(first: 10) { id abuse { probability } } }'
const query = '{ messages(first: 100) { id abuse { probability } } }'

if (interopPython === undefined) {
  console.warn(`skipped: ${withoutPython}`)
  it.skip(`skipped: ${withoutPython}`, () => {})
} else {
  const found = interopPython
  const tritonProblem = withoutTriton(found)
  const kinds = ['mlserver', 'kserve', ...(tritonProblem === undefined ? ['triton', 'triton'] : [])]

  describe('a shard that is served by', () => {
    let servers: { readonly kind: ModelServerKind; readonly server: ModelServer }[] = []
    /** Of the messages, as this machine predicts them. */
    let near: readonly number[]

    beforeAll(async () => {
      const python = interopEnvironment(found)
      const graph = join(packageRoot, 'examples/streaming/models/abuse-score/2/model.onnx')
      const served = { model: 'abuse-score', version: '2', graph }
      const start = (kind: ModelServerKind, more = 4): Promise<ModelServer> =>
        startModelServer(python, kind, served).catch((error) => {
          // Triton ends while it starts where one of its processes stands still for a second.
          if (kind !== 'triton' || more === 0) throw error
          return start(kind, more - 1)
        })
      servers = await Promise.all(
        (kinds as ModelServerKind[]).map(async (kind) => ({ kind, server: await start(kind) })),
      )
      const here = await startProcess(writeConfig())
      near = await predicted(here)
      await here.stop()
    }, 600_000)
    afterAll(() => {
      for (const { server } of servers) server.stop()
    })

    let presage: ServerProcess
    afterEach(() => presage?.stop())

    const serversOf = (kind: ModelServerKind) =>
      servers.filter((one) => one.kind === kind).map(({ server }) => server)

    /** The product with the newest version of the messages' model on these servers. */
    async function startBefore(
      kind: ModelServerKind,
      protocol: 'http' | 'grpc',
      change: (rules: string) => string = (rules) => rules,
    ): Promise<void> {
      const ports = serversOf(kind).map((server) => server.ports[protocol])
      presage = await startProcess(
        // What is lost is asked here, not what is late.
        writeRemoteConfig(ports, (rules) => change(placedFar('abuse-score@2')(rules)), protocol, {
          server: { timeout: 20_000 },
        }),
      )
      await untilReady(presage, 'abuse-score@2')
    }

    const ways = [...new Set(kinds)].flatMap((kind) => [
      [kind, 'grpc'],
      [kind, 'http'],
    ]) as [ModelServerKind, 'http' | 'grpc'][]

    it.each(ways)(
      '%s over %s answers the golden cases, and then fields as this machine does, within 1e-5',
      async (kind, protocol) => {
        await startBefore(kind, protocol)
        const far = await predicted(presage)
        expect(far).toHaveLength(100)
        expect(Math.max(...far.map((value, at) => Math.abs(value - near[at])))).toBeLessThan(1e-5)
        expect(await callsOn(presage, 'far')).toBeGreaterThan(0)
      },
      120_000,
    )

    if (tritonProblem !== undefined) {
      console.warn(`skipped: Triton: ${tritonProblem}`)
      it.skip(`skipped: Triton: ${tritonProblem}`, () => {})
    } else
      it('two Tritons loses no prediction when one is killed', async () => {
        await startBefore('triton', 'grpc')
        const calls = () => callsOn(presage, 'far')
        const more = async () => {
          const goal = (await calls()) + 100
          await until(async () => (await calls()) >= goal, { everyMs: 20, withinMs: 60_000 })
        }
        const killed = (async () => {
          await more()
          serversOf('triton')[0].stop()
          await until(() => /worker far-1 at \S+ gets no more rows: /.test(presage.stderr()))
          await more()
        })()
        const { answered, failures } = await load(
          presage.url,
          4,
          () => ({ query: few, variables: {} }),
          killed,
        )
        await killed
        expect(failures).toEqual([])
        expect(answered).toBeGreaterThan(100)
      }, 180_000)

    it('an MLServer falls back to a version of this machine when it is gone, if the rules say so', async () => {
      await startBefore('mlserver', 'grpc', (rules) =>
        rules.replace('default: abuse-score@2', 'default: abuse-score@2, fallback: [abuse-score@1]'),
      )
      const [server] = serversOf('mlserver')
      server.stop()
      await until(() => /worker far-1 at \S+ gets no more rows: /.test(presage.stderr()))
      expect(await predicted(presage)).toHaveLength(100)
      expect(await counter(presage, 'presage_fallback_total', { to: 'abuse-score@1' })).toBe(100)
    }, 120_000)
  })
}

async function predicted({ url }: ServerProcess): Promise<readonly number[]> {
  const { data, errors } = await postQuery(url, query)
  expect(errors).toBeUndefined()
  const messages: readonly { readonly abuse: { readonly probability: number } }[] = data.messages
  return messages.map(({ abuse }) => abuse.probability)
}

function callsOn(server: ServerProcess, shard: string): Promise<number> {
  return counter(server, 'presage_inference_exec_count_total', { shard })
}

function counter({ url }: ServerProcess, name: string, labels: Readonly<Record<string, string>>) {
  return readCounter(url.replace('/graphql', '/metrics'), name, labels)
}
