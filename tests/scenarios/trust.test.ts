import type { Config } from '../../cli/config/config'
import { envelopeHeader, signEnvelope } from '../../lib/request/envelope'
import { audience, createSigner, issuer } from '../gateway/tokens'
import { type Example, postQuery, startExample } from '../support/example'

const reading = '{ models { name } objectives { name } }'
const trying = '{ tryModel(model: "payment-risk@2", features: []) }'
const ordinary = '{ titles(first: 1) { id } }'
const key = 'of-this-deployment-only'
const signer = createSigner()

let example: Example

const start = (change: (config: Config) => Partial<Config>) =>
  startExample((config) => ({ ...change(config), shards: { main: { ...config.shards.main, workers: 1 } } }))

const codes = async (query: string, headers: Record<string, string> = {}) => {
  const { errors = [] } = await example.query(query, {}, headers)
  return [...new Set(errors.map((error) => error.extensions.code))]
}
const bearer = async (...roles: string[]) => ({ authorization: `Bearer ${await signer.sign({ roles })}` })

describe('with tokens', () => {
  beforeAll(async () => {
    example = await start(({ trust }) => ({
      trust: {
        ...trust,
        envelopeKey: key,
        jwt: { issuer, audience, algorithms: ['ES256'], jwks: signer.jwksFile },
      },
    }))
  })
  afterAll(() => example.close())

  it('the platform is read by viewers and models are tried by researchers, also on loopback', async () => {
    expect(await codes(reading)).toEqual(['FORBIDDEN'])
    expect(await codes(reading, await bearer('somebody'))).toEqual(['FORBIDDEN'])
    expect(await codes(reading, await bearer('viewer'))).toEqual([])
    expect(await codes(trying, await bearer('viewer'))).toEqual(['FORBIDDEN'])
    expect(await codes(trying, await bearer('researcher'))).toEqual([])
    expect(await codes(trying, await bearer('operator'))).toEqual([])
  })

  it('who has no role is told which one it takes', async () => {
    const { data, errors } = await example.query('{ models { name } }')
    expect(data).toBeNull()
    expect(errors?.[0]).toMatchObject({
      message: 'this needs the role viewer',
      extensions: { code: 'FORBIDDEN', role: 'viewer' },
    })
  })

  it('predictions are explained to researchers, and to everybody only where the configuration says so', async () => {
    const asking = { 'x-presage-explain': '1' }
    const isTold = async (headers: Record<string, string> = {}) =>
      'extensions' in
      (await example.query('{ messages(first: 1) { abuse { label } } }', {}, { ...asking, ...headers }))
    expect(await isTold()).toBe(false)
    expect(await isTold(await bearer('viewer'))).toBe(false)
    expect(await isTold(await bearer('researcher'))).toBe(true)
  })

  it('an operator has the models reloaded, nobody else', async () => {
    const reload = async (headers: Record<string, string> = {}) => {
      const response = await fetch(example.url.replace('/graphql', '/v1/models:reload'), {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        body: '{}',
      })
      return [response.status, await response.json()]
    }
    const forbidden = {
      message: 'this needs the role operator',
      extensions: { code: 'FORBIDDEN', role: 'operator' },
    }
    expect(await reload()).toEqual([403, { errors: [forbidden] }])
    expect(await reload(await bearer('researcher'))).toEqual([403, { errors: [forbidden] }])
    expect(await reload(await bearer('operator'))).toEqual([200, { done: [] }])
  })

  it('everybody may ask for everything else', async () => {
    expect(await codes(ordinary)).toEqual([])
  })

  it('a token that is not right is 401, whatever is asked', async () => {
    const authorization = `Bearer ${await signer.sign({ exp: 1 })}`
    const response = await fetch(example.url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization },
      body: JSON.stringify({ query: ordinary }),
    })
    expect([response.status, response.headers.get('www-authenticate')]).toEqual([401, 'Bearer'])
    expect(await response.json()).toEqual({
      errors: [{ message: 'authorization: the token has expired', extensions: { code: 'UNAUTHENTICATED' } }],
    })
  })

  it('an envelope of the deployment brings its roles', async () => {
    const envelope = { id: '1', context: {}, origin: 'test', issuedAt: Date.now(), timeoutMs: 60_000 }
    const header = (by: string) => ({
      [envelopeHeader]: signEnvelope({ ...envelope, roles: ['viewer'] }, by),
    })
    expect(await codes(reading, header(key))).toEqual([])
    expect(await codes(reading, header('of somebody else'))).toEqual(['FORBIDDEN'])
  })

  it('an envelope counts again until its time is up, and not before it was written', async () => {
    const header = (issuedAt: number) => {
      const envelope = { id: '1', context: {}, origin: 'test', roles: ['viewer' as const], timeoutMs: 30_000 }
      return { [envelopeHeader]: signEnvelope({ ...envelope, issuedAt }, key) }
    }
    const now = header(Date.now())
    expect(await codes(reading, now)).toEqual([])
    expect(await codes(reading, now)).toEqual([])
    expect(await codes(reading, header(Date.now() + 3_600_000))).toEqual(['FORBIDDEN'])
    expect(await codes(reading, header(Date.now() - 30_000))).toEqual(['DEADLINE_EXCEEDED'])
  })
})

describe('without tokens', () => {
  const url = () => `http://127.0.0.1:${example.deployment.port}/graphql`

  it('whoever reaches loopback may read and try', async () => {
    example = await start(() => ({}))
    expect(await codes(reading)).toEqual([])
    expect(await codes(trying)).toEqual([])
    await example.close()
  })

  it('nobody may where others can reach it', async () => {
    example = await start(({ server }) => ({ server: { ...server, host: '0.0.0.0' } }))
    for (const query of [reading, trying]) {
      expect((await postQuery(url(), query)).errors?.[0].extensions.code).toBe('FORBIDDEN')
    }
    expect((await postQuery(url(), ordinary)).errors).toBeUndefined()
    await example.close()
  })
})

it('an objective whose unit anybody may choose is refused at load', async () => {
  const loading = start(({ context }) => ({
    context: { ...context, member: { from: 'client', header: 'x-member', type: 'string' } },
  }))
  await expect(loading).rejects.toThrow(
    'examples/streaming/objectives/PREDICT_RATING.yaml:5: unit: must come from token or edge, got context.member, which is declared with from: client',
  )
})
