import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { compiledPath } from '../../lib/packagePaths'
import { type Envelope, envelopeHeader, signEnvelope } from '../../lib/request/envelope'
import type { Limits } from '../../routing/ruleSet/ruleSet'
import { audience, createSigner, issuer } from '../gateway/tokens'
import { postQuery } from '../support/example'
import { startNode } from '../support/nodeProcess'
import { startProcess, writeConfig } from '../support/serverProcess'

const key = 'of-this-deployment-only'
const signer = createSigner()

/** The example's rules with these limits of one objective, and its configuration with tokens that name a tenant and with other `sections`. */
function configWith(objective: string, limits: Limits, sections: object = {}): string {
  const rules = join(mkdtempSync(join(tmpdir(), 'presage-limits-')), 'rules.json')
  const models = {
    PREDICT_RATING: 'rating-predictor@4',
    PAYMENT_RISK: 'payment-risk@3',
    ABUSE_SCORE: 'abuse-score@2',
  }
  const others = { RECOMMEND_TITLES: 'title-recommender@3', SEARCH_TITLES: 'title-search@2' }
  const objectives = Object.fromEntries(
    Object.entries({ ...models, ...others }).map(([name, model]) => [
      name,
      { default: model, ...(name === objective && { limits }) },
    ]),
  )
  writeFileSync(rules, JSON.stringify({ objectives }))
  return writeConfig(({ server, context, trust, shards }) => ({
    rules,
    server: { ...server, timeout: 60_000 },
    shards: { main: { ...shards.main, workers: 1 } },
    context: { ...context, tenant: { from: 'token', claim: 'org.tenant' } },
    trust: {
      ...trust,
      envelopeKey: key,
      jwt: { issuer, audience, algorithms: ['ES256'], jwks: signer.jwksFile },
    },
    ...sections,
  }))
}

it('a tenant that asks for all it can costs its neighbour not one refused request', async () => {
  const server = await startProcess(configWith('PREDICT_RATING', { perSecond: 1000, per: 'tenant' }))
  try {
    const asTenant = async (tenant: string) => ({
      authorization: `Bearer ${await signer.sign({ sub: `somebody of ${tenant}`, org: { tenant } })}`,
    })
    const ask = (rows: number, headers: Record<string, string>) =>
      postQuery(server.url, `{ titles(first: ${rows}) { predictedRating(memberId: "1") } }`, {}, headers)

    const attacking = await asTenant('attacker')
    let isOver = false
    const refused: unknown[] = []
    const attack = Promise.all(
      Array.from({ length: 256 }, async () => {
        while (!isOver) {
          const { errors = [] } = await ask(100, attacking)
          if (errors.length > 0) refused.push(errors[errors.length - 1].extensions)
        }
      }),
    )
    const neighbour = await asTenant('neighbour')
    while (refused.length === 0) await ask(100, attacking)
    const answers = []
    for (let n = 0; n < 4; n++)
      answers.push(...(await Promise.all(Array.from({ length: 10 }, () => ask(5, neighbour)))))
    isOver = true
    await attack

    expect(answers.flatMap(({ errors = [] }) => errors)).toEqual([])
    expect(answers.flatMap(({ data }) => data.titles)).toHaveLength(200)
    for (const one of refused)
      expect(one).toEqual({
        ...{
          code: 'OVERLOADED',
          objective: 'PREDICT_RATING',
          limit: 'perSecond',
          per: 'tenant',
          maximum: 1000,
          retryAfterMs: 1000,
        },
      })
  } finally {
    await server.stop()
  }
}, 120_000)

it('behind a gateway, clients are told apart as the gateway sees them', async () => {
  const config = configWith('PAYMENT_RISK', { perSecond: 0.001, per: 'client' })
  const subgraph = await startNode(
    [compiledPath('cli/presage'), '--config', config, 'subgraph', 'payments', '--port', '0'],
    /Presage serves \S+ at (\S+)/,
  )
  try {
    const ask = async (client: Pick<Envelope, 'subject' | 'address'>) => {
      const envelope = {
        id: '1',
        context: {},
        roles: [],
        origin: 'gateway',
        issuedAt: Date.now(),
        timeoutMs: 60_000,
      }
      const headers = { [envelopeHeader]: signEnvelope({ ...envelope, ...client }, key) }
      const { errors = [] } = await postQuery(
        subgraph.ready,
        '{ payments(first: 1) { risk { probability } } }',
        {},
        headers,
      )
      return errors.map(({ extensions: { code, per } }) => [code, per])
    }
    const refusal = [['OVERLOADED', 'client']]
    expect(await ask({ address: '192.0.2.1' })).toEqual([])
    expect(await ask({ address: '192.0.2.1' })).toEqual(refusal)
    expect(await ask({ address: '192.0.2.2', subject: null })).toEqual([])
    expect(await ask({ address: '192.0.2.2' })).toEqual(refusal)
    expect(await ask({ subject: 'ada' })).toEqual([])
    expect(await ask({ subject: 'ada' })).toEqual(refusal)
  } finally {
    await subgraph.stop()
  }
})

it('a tenant has its requests a second, whoever of it asks, and as many times more as it has weight', async () => {
  const server = await startProcess(
    configWith(
      'PREDICT_RATING',
      {},
      {
        server: { fairness: { by: 'tenant', weights: { paying: 1_000 } } },
        limits: { requestsPerSecond: 1 },
      },
    ),
  )
  try {
    const ask = async (tenant: string, person: number) => {
      const token = await signer.sign({ sub: `person ${person} of ${tenant}`, org: { tenant } })
      return postQuery(server.url, '{ titles(first: 1) { id } }', {}, { authorization: `Bearer ${token}` })
    }
    const asked = (tenant: string) =>
      Promise.all(Array.from({ length: 20 }, (_, person) => ask(tenant, person)))

    const answers = await asked('free')
    const refused = answers.filter(({ errors }) => errors !== undefined)
    expect(answers.some(({ data }) => data?.titles.length === 1)).toBe(true)
    // One a second: to be given all twenty they would have to take as many seconds.
    expect(refused.length).toBeGreaterThan(0)
    for (const { errors } of refused)
      expect(errors![0].extensions).toEqual({ code: 'TOO_MANY_REQUESTS', limit: 'requestsPerSecond' })
    expect((await asked('paying')).flatMap(({ errors = [] }) => errors)).toEqual([])
  } finally {
    await server.stop()
  }
})

it('fairness by tenant says that clients are counted separately where no tenant can be known', async () => {
  const server = await startProcess(
    writeConfig(({ server }) => ({ server: { ...server, fairness: { by: 'tenant' } } })),
  )
  try {
    // Written before the server listens.
    expect(server.stderr()).toContain(
      'server.fairness.by: no context key tenant is declared, so each client is counted',
    )
  } finally {
    await server.stop()
  }
})
