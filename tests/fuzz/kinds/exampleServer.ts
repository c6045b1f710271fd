import { join } from 'node:path'
import { loadConfig } from '../../../cli/config/config'
import { startDeployment } from '../../../cli/deployment/startDeployment'
import { packageRoot } from '../../../lib/packagePaths'
import { type Asker, createAsker, type Received, type Sent } from '../asker'
import { problemOf, problemOfPage } from '../problemOf'
import type { Outcome } from './kind'

export const envelopeKey = 'the key of this deployment'

/** The example service in this process, so that its memory and whatever it lets go of are this process's. */
export interface ExampleServer {
  readonly port: number
  readonly supergraphSdl: string
  readonly ask: Asker['ask']
  /** Throws what of the answer is neither a value nor a coded error. */
  require(sent: Sent, received: Received): Outcome
  close(): Promise<void>
}

/** `trusted`: a file of trusted documents. */
export async function startExampleServer(trusted?: string): Promise<ExampleServer> {
  const config = loadConfig(join(packageRoot, 'presage.yaml'))
  const deployment = await startDeployment(
    {
      ...config,
      // Whatever is sent here is new.
      limits: { ...config.limits, newOperations: 100_000_000, operations: 3 },
      models: { ...config.models, watch: false },
      ruleStore: { ...config.ruleStore, place: { kind: 'memory' }, follow: false, mutations: false },
      trust: { ...config.trust, envelopeKey },
      log: { ...config.log, level: 'error' },
      ...(trusted !== undefined && { trustedDocuments: { file: trusted, only: false } }),
    },
    { port: 0 },
  )
  await deployment.loaded
  const { ask, close } = createAsker(`http://127.0.0.1:${deployment.port}`)
  return {
    port: deployment.port,
    supergraphSdl: deployment.graph.supergraphSdl,
    ask,
    require(sent, received) {
      const { path = '/graphql' } = sent
      const problem = path === '/graphql' ? problemOf(sent, received) : problemOfPage(sent, received)
      if (problem !== undefined) {
        throw new Error(`${problem}: ${received.status} ${received.text.slice(0, 500)}`)
      }
      return received.status < 400 && !received.text.includes('"errors":') ? 'taken' : 'refused'
    },
    async close() {
      close()
      await deployment.close()
    },
  }
}
