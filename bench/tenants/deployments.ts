import { generateKeyPairSync } from 'node:crypto'
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { SignJWT } from 'jose'
import { packageRoot } from '../../lib/packagePaths'
import { type BenchCase, cases } from '../cases'
import { writeDeployment } from '../deployment'
import { freePorts } from '../freePorts'
import type { Origin } from '../origins'
import { type BenchServer, startPresage } from '../servers'
import { startWorker } from '../startWorker'
import type { Flood } from './floods'

const issuer = 'https://id.example.com'
const audience = 'presage'
const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })

/** What a tenant may ask for in a second; absent: anything. */
export interface TenantLimits {
  /** Of the flood's model, by the rules. */
  readonly rowsPerSecond?: number
  readonly requestsPerSecond?: number
}

/** What a request of a tenant carries: its verified token, and what names its address. */
export async function headersOf(
  tenant: string,
  { headers }: Origin,
): Promise<Readonly<Record<string, string>>> {
  const exp = Math.floor(Date.now() / 1000) + 3600
  const claims = { iss: issuer, aud: audience, exp, sub: `somebody of ${tenant}`, tenant }
  const token = await new SignJWT(claims).setProtectedHeader({ alg: 'ES256' }).sign(privateKey)
  return { authorization: `Bearer ${token}`, ...headers }
}

/** How a deployment is started that answers the flood and the neighbour. `limits` are those of each tenant. */
export const places: Readonly<
  Record<string, (flood: Flood, folder: string, limits?: TenantLimits) => Promise<BenchServer>>
> = {
  /** `presage start`. */
  alone: (flood, folder, limits) => {
    mkdirSync(folder, { recursive: true })
    const file = join(folder, 'presage.yaml')
    write(file, flood, { main: flood.shard }, 'main', limits)
    return startPresage(packageRoot, file)
  },
  /** `presage start` before two `presage worker`. */
  workers: async (flood, folder, limits) => {
    mkdirSync(folder, { recursive: true })
    const [own, file] = ['worker.yaml', 'presage.yaml'].map((name) => join(folder, name))
    const ports = await freePorts(4)
    write(own, flood, { main: {}, far: flood.shard }, 'far')
    const workers = await Promise.all(
      [ports.slice(0, 2), ports.slice(2)].map((two) => startWorker(own, 'far', two)),
    )
    const endpoints = [ports[0], ports[2]].map((port) => `127.0.0.1:${port}`)
    write(file, flood, { main: {}, far: { endpoints } }, 'far', limits)
    const gateway = await startPresage(packageRoot, file)
    return {
      ...gateway,
      stop() {
        gateway.stop()
        for (const worker of workers) worker.stop()
      },
    }
  },
}

/** The example's deployment with tenants of verified tokens, both models on one shard. */
function write(file: string, flood: Flood, shards: object, shard: string, limits: TenantLimits = {}): void {
  const example = writeDeployment(cases.find(({ name }) => name === 'titles-100') as BenchCase, packageRoot)
  const config = JSON.parse(readFileSync(example, 'utf8'))
  const rules = JSON.parse(readFileSync(join(dirname(example), 'rules.yaml'), 'utf8'))
  rmSync(dirname(example), { recursive: true, force: true })
  const key = `${file}.pem`
  const rows = limits.rowsPerSecond && { perSecond: limits.rowsPerSecond, per: 'tenant' }
  const [name] = flood.model.split('@')
  const ruleFile = file.replace('.yaml', '.rules.yaml')
  writeFileSync(key, publicKey.export({ format: 'pem', type: 'spki' }))
  writeFileSync(
    file,
    JSON.stringify({
      ...config,
      shards,
      rules: ruleFile,
      repositories: [...config.repositories, join(packageRoot, 'tests/fixtures/awkward')],
      limits: { ...config.limits, requestsPerSecond: limits.requestsPerSecond },
      // A slow machine is measured, not cut off.
      server: { ...config.server, timeout: '5s', fairness: { by: 'tenant' } },
      context: { ...config.context, tenant: { from: 'token', claim: 'tenant' } },
      trust: { ...config.trust, jwt: { issuer, audience, algorithms: ['ES256'], publicKey: key } },
    }),
  )
  writeFileSync(
    ruleFile,
    JSON.stringify({
      ...rules,
      objectives: {
        ...rules.objectives,
        ABUSE_SCORE: { default: flood.model, ...(rows && { limits: rows }) },
      },
      placement: { '*': 'main', 'rating-predictor': shard, [name]: shard },
    }),
  )
}
