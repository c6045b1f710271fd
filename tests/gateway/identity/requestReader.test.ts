import type { IncomingMessage } from 'node:http'
import type { ContextSource } from '../../../gateway/identity/contextSource'
import { createRequestReader, type Trust } from '../../../gateway/identity/requestReader'
import { createTokenVerifier } from '../../../gateway/identity/tokenVerifier'
import { compileProxies } from '../../../gateway/identity/trustedProxies'
import { createEnvelopeHeaders, type NamedRuleSet } from '../../../gateway/remote/envelopeHeaders'
import { noMetrics } from '../../../lib/metrics'
import { AbortableCaller, clientOf } from '../../../lib/request/caller'
import { createClientRequest } from '../../../lib/request/clientRequest'
import {
  type Envelope,
  envelopeHeader,
  noEnvelope,
  openEnvelope,
  signEnvelope,
} from '../../../lib/request/envelope'
import { Explain } from '../../../lib/request/explain'
import type { Role } from '../../../lib/request/roles'
import { loopbackTrust } from '../startServer'
import { audience, createSigner, issuer } from '../tokens'

const key = 'the key of this deployment'
const signer = createSigner()
const declared = new Map<string, ContextSource>([
  ['member', { from: 'edge', header: 'x-member', type: 'string' }],
  ['age', { header: 'x-age', type: 'number' }],
  ['device', { from: 'client', header: 'x-device', type: 'string' }],
  ['tenant', { from: 'token', claim: 'org.tenant', type: 'string' }],
])

const counted: string[] = []
const metrics = {
  ...noMetrics,
  counter: (_: string, __: string, labels: Readonly<Record<string, string>> = {}) => ({
    inc: () => {
      counted.push(labels['result'])
    },
  }),
}
const trust: Trust = {
  envelopeKeys: [key],
  isTrustedProxy: compileProxies(['10.0.0.0/8']),
  verifyToken: createTokenVerifier({ issuer, audience, algorithms: ['ES256'], jwks: signer.jwksFile }),
  rolesClaim: 'realm.roles',
  rolesOfAnybody: [],
}

beforeEach(() => {
  counted.length = 0
})

function read(
  headers: Record<string, string>,
  {
    from = '10.1.1.1',
    explain = false,
    bypassCache = false,
    context = declared,
    ...changes
  }: Partial<Trust> & {
    from?: string
    explain?: boolean
    bypassCache?: boolean
    context?: ReadonlyMap<string, ContextSource>
  } = {},
) {
  const reader = createRequestReader({
    explain,
    bypassCache,
    context,
    defaultTimeoutMs: 1000,
    trust: { ...trust, ...changes },
    metrics,
    onUnverified() {},
    wallClock: () => 5_000_100,
  })
  const message = { headers, socket: { remoteAddress: from } } as unknown as IncomingMessage
  return Promise.resolve().then(() => reader(message, 100, new AbortableCaller()))
}

const envelope: Envelope = {
  id: 'from the gateway',
  context: { member: '12' },
  roles: ['viewer'],
  origin: 'gateway',
  issuedAt: 5_000_000,
  timeoutMs: 500,
}
const enveloped = (changes: Partial<Envelope> = {}, by = key) => ({
  [envelopeHeader]: signEnvelope({ ...envelope, ...changes }, by),
})

describe('headers', () => {
  const headers = { 'x-member': '12', 'x-age': '30', 'x-device': 'tv', 'x-tenant': 'acme' }

  it('of a trusted proxy count for keys from the edge', async () => {
    expect((await read(headers)).context).toEqual({ member: '12', age: 30, device: 'tv' })
  })

  it('of anybody else count only for keys that the client may set', async () => {
    expect((await read(headers, { from: '11.0.0.1' })).context).toEqual({ device: 'tv' })
  })

  it('of this machine count where nothing else is said', async () => {
    const { context: known } = await read(headers, { ...loopbackTrust, from: '::ffff:127.0.0.1' })
    expect(known).toEqual({ member: '12', age: 30, device: 'tv' })
  })
})

it("a token whose keys do not come is given up at the request's deadline", async () => {
  const headers = { authorization: 'Bearer a', 'x-presage-timeout-ms': '20' }
  await expect(read(headers, { verifyToken: () => new Promise(() => {}) })).rejects.toMatchObject({
    code: 'DEADLINE_EXCEEDED',
    message: 'authorization: the token was not verified in time',
  })
})

describe('values', () => {
  const ageOf = async (text: string) => (await read({ 'x-age': text })).context['age']

  it('of a number key are numbers of JSON, or absent', async () => {
    for (const [text, age] of [
      ['18.0', 18],
      [' 1e1 ', 10],
    ] as const)
      expect(await ageOf(text)).toBe(age)
    for (const text of ['018', 'eighteen', 'true', '"18"', '1e999']) expect(await ageOf(text)).toBeUndefined()
  })

  it('in a header are UTF-8, as bytes that are not UTF-8 are left', async () => {
    const memberOf = async (bytes: Buffer) =>
      (await read({ 'x-member': bytes.toString('latin1') })).context['member']
    for (const member of ['é', 'größe', '東京', '😀'])
      expect(await memberOf(Buffer.from(member))).toBe(member)
    expect(await memberOf(Buffer.from('é', 'latin1'))).toBe('é')
  })

  it('of claims are read as those of headers', async () => {
    const context = new Map<string, ContextSource>(
      (['string', 'number', 'boolean'] as const).map((type) => [
        type,
        { from: 'token', claim: 'value', type },
      ]),
    )
    const valuesOf = async (value: unknown) => {
      const authorization = `Bearer ${await signer.sign({ value })}`
      return (await read({ authorization }, { context })).context
    }
    expect(await valuesOf('18.0')).toEqual({ string: '18.0', number: 18 })
    expect(await valuesOf('true')).toEqual({ string: 'true', boolean: true })
    expect(await valuesOf(18)).toEqual({ string: '18', number: 18 })
    expect(await valuesOf(true)).toEqual({ string: 'true', boolean: true })
    expect(await valuesOf(['18'])).toEqual({})
  })
})

describe('tokens', () => {
  const bearer = async (claims: object) => ({ authorization: `Bearer ${await signer.sign({ ...claims })}` })

  it('give keys and roles, also by a path', async () => {
    const request = await read(
      await bearer({ org: { tenant: 7 }, realm: { roles: ['admin', 'researcher'] } }),
    )
    expect(request.context).toEqual({ tenant: '7' })
    expect(request.roles).toEqual(['viewer', 'researcher'])
  })

  it('give no key of a claim that is empty, as a header does', async () => {
    const { context: known } = await read(
      { ...(await bearer({ org: { tenant: '' } })), 'x-device': '' },
      { from: '11.0.0.1' },
    )
    expect(known).toEqual({})
  })

  it('give no key of a claim that is of another type, and roles also as text', async () => {
    const request = await read(await bearer({ org: { tenant: ['a'] }, realm: { roles: 'openid viewer' } }))
    expect([request.context, request.roles]).toEqual([{}, ['viewer']])
  })

  it('none is nobody, with what anybody may do', async () => {
    expect((await read({})).roles).toEqual([])
    expect((await read({}, { rolesOfAnybody: ['viewer'] })).roles).toEqual(['viewer'])
  })

  it('one of somebody takes the place of what anybody may do', async () => {
    expect((await read(await bearer({}), { rolesOfAnybody: ['viewer'] })).roles).toEqual([])
  })

  it.each(['Bearer', 'Basic YTpi', 'Bearer x', 'Bearer a b'])('"%s" is refused', async (authorization) => {
    await expect(read({ authorization })).rejects.toMatchObject({ code: 'UNAUTHENTICATED' })
  })

  it('are not looked at where none can be verified', async () => {
    const request = await read({ authorization: 'Basic YTpi' }, { verifyToken: undefined })
    expect(request.roles).toEqual([])
  })
})

describe('envelopes', () => {
  it('that are valid win over headers, and are kept as they are', async () => {
    const headers = {
      ...enveloped(),
      'x-member': '99',
      'x-presage-timeout-ms': '900',
      authorization: 'Bearer x',
    }
    const request = await read(headers)
    expect(request).toMatchObject({
      id: 'from the gateway',
      context: { member: '12' },
      roles: ['viewer'],
      deadline: 100 + 400,
      envelope: headers[envelopeHeader],
    })
    expect(counted).toEqual(['valid'])
  })

  it('give no more time than the process allows', async () => {
    expect((await read(enveloped({ timeoutMs: 60_000 }))).deadline).toBe(100 + 1000)
  })

  it('that cannot be verified are told of once', async () => {
    const toldBy = async (envelopeKeys: readonly string[], ...texts: string[]) => {
      const told: string[] = []
      const reader = createRequestReader({
        context: declared,
        defaultTimeoutMs: 1000,
        trust: { ...trust, envelopeKeys },
        explain: false,
        bypassCache: false,
        metrics: noMetrics,
        onUnverified: (problem) => told.push(problem),
      })
      for (const text of texts) {
        const message = { headers: { [envelopeHeader]: text }, socket: {} } as unknown as IncomingMessage
        await reader(message, 100, new AbortableCaller())
      }
      return told
    }
    const foreign = enveloped({}, 'another key')[envelopeHeader]
    const text =
      'a request came with x-presage-request and counts as anonymous, without the context and roles in it'
    expect(await toldBy([key], foreign, foreign)).toEqual([
      `${text}: its sender must have the same trust.envelopeKey, and a clock that is less than 5 s ahead`,
    ])
    expect(await toldBy([], foreign, foreign)).toEqual([
      `${text}: trust.envelopeKey must be that of its sender, got none`,
    ])
    expect(await toldBy([key], noEnvelope)).toHaveLength(1)
    expect(await toldBy([], noEnvelope)).toEqual([])
  })

  it('of another key are counted and not looked at', async () => {
    const request = await read({ ...enveloped({}, 'another key'), 'x-member': '99' })
    expect([request.context, request.roles, request.envelope]).toEqual([{ member: '99' }, [], undefined])
    expect(request.id).not.toBe('from the gateway')
    expect(counted).toEqual(['invalid'])
  })

  it('from the future are counted and not looked at', async () => {
    const headers = { ...enveloped({ issuedAt: 5_000_000 + 3_600_000 }), 'x-member': '7' }
    expect(await read(headers, { rolesOfAnybody: ['researcher'] })).toMatchObject({
      context: { member: '7' },
      roles: [],
    })
    expect(counted).toEqual(['invalid'])
  })

  it('whose time is up are refused', async () => {
    await expect(read(enveloped({ issuedAt: 4_000_000 }))).rejects.toMatchObject({
      code: 'DEADLINE_EXCEEDED',
    })
    expect(counted).toEqual(['expired'])
  })

  it('that prove nothing take away what anybody may do here', async () => {
    const open = { rolesOfAnybody: ['viewer', 'researcher'] as const }
    expect((await read({ [envelopeHeader]: 'none' }, open)).roles).toEqual([])
    expect((await read({ [envelopeHeader]: 'none' }, { ...open, envelopeKeys: [] })).roles).toEqual([])
  })
})

describe('overrides', () => {
  const researcher: { rolesOfAnybody: readonly Role[] } = { rolesOfAnybody: ['viewer', 'researcher'] }
  const asking = (text: string) => ({ 'x-presage-override': text })

  it('of a researcher are read by objective', async () => {
    const { overrides } = await read(
      asking('PREDICT_RATING=rating-predictor@2, ABUSE = abuse-score@1 '),
      researcher,
    )
    expect([...overrides!]).toEqual([
      ['PREDICT_RATING', 'rating-predictor@2'],
      ['ABUSE', 'abuse-score@1'],
    ])
    expect((await read({}, researcher)).overrides).toBeUndefined()
  })

  it.each([
    ['', 'must be OBJECTIVE=name@version, or several with commas between, got ""'],
    [
      'PREDICT_RATING',
      'must be OBJECTIVE=name@version, or several with commas between, got "PREDICT_RATING"',
    ],
    ['A=m@1,B=m', 'must be OBJECTIVE=name@version, or several with commas between, got "B=m"'],
    ['A=m@1,A=m@2', 'must name A once, got it twice'],
  ])('"%s" is refused', async (text, expectation) => {
    await expect(read(asking(text), researcher)).rejects.toMatchObject({
      code: 'BAD_REQUEST',
      message: `x-presage-override: ${expectation}`,
    })
  })

  it('of anybody else are not looked at', async () => {
    expect((await read(asking('A=m@1'))).overrides).toBeUndefined()
    expect((await read(asking('whatever'), { rolesOfAnybody: ['viewer'] })).overrides).toBeUndefined()
  })

  it('come with an envelope, as the rule set does, and the header does not count beside it', async () => {
    const headers = { ...enveloped({ ruleSet: 7, overrides: { A: 'm@1' } }), ...asking('B=m@1') }
    const { overrides, ruleSet } = await read(headers, researcher)
    expect([overrides, ruleSet]).toEqual([new Map([['A', 'm@1']]), 7])
  })
})

describe('explanations', () => {
  const asking = { 'x-presage-explain': '1' }
  const researcher: { rolesOfAnybody: readonly Role[] } = { rolesOfAnybody: ['viewer', 'researcher'] }

  it('are for researchers, and for everybody where the configuration says so', async () => {
    expect((await read(asking, researcher)).explain).toBeInstanceOf(Explain)
    expect((await read({}, researcher)).explain).toBeUndefined()
    expect((await read({ 'x-presage-explain': '0' }, researcher)).explain).toBeUndefined()
    expect((await read(asking)).explain).toBeUndefined()
    expect((await read(asking, { rolesOfAnybody: ['viewer'] })).explain).toBeUndefined()
    expect((await read(asking, { explain: true })).explain).toBeInstanceOf(Explain)
  })

  it('a wish that does not read so is refused, of those who may have one', async () => {
    await expect(read({ 'x-presage-explain': 'yes' }, researcher)).rejects.toMatchObject({
      code: 'BAD_REQUEST',
      message: 'x-presage-explain: must be 1 or 0, got "yes"',
    })
    expect((await read({ 'x-presage-explain': 'yes' })).explain).toBeUndefined()
  })

  it('come with an envelope, and the header does not count beside it', async () => {
    expect((await read(enveloped({ explain: true }))).explain).toBeInstanceOf(Explain)
    expect((await read({ ...enveloped(), ...asking }, { explain: true })).explain).toBeUndefined()
  })
})

describe('predictions past the cache', () => {
  const asking = { 'x-presage-cache': 'bypass' }
  const researcher: { rolesOfAnybody: readonly Role[] } = { rolesOfAnybody: ['viewer', 'researcher'] }

  it('are for researchers, and for everybody where the configuration says so', async () => {
    expect((await read(asking, researcher)).bypassesCache).toBe(true)
    expect(await read({}, researcher)).not.toHaveProperty('bypassesCache')
    expect(await read(asking, { rolesOfAnybody: ['viewer'] })).not.toHaveProperty('bypassesCache')
    expect((await read(asking, { bypassCache: true })).bypassesCache).toBe(true)
  })

  it('a wish that does not read so is refused, of those who may have one', async () => {
    await expect(read({ 'x-presage-cache': '1' }, researcher)).rejects.toMatchObject({
      code: 'BAD_REQUEST',
      message: 'x-presage-cache: must be bypass, got "1"',
    })
    expect(await read({ 'x-presage-cache': '1' })).not.toHaveProperty('bypassesCache')
  })

  it('come with an envelope that a gateway has written for who may ask, and the header does not count beside it', async () => {
    const options = {
      key,
      origin: 'gateway',
      isOpen: false,
      clock: { now: () => 4_000, after: () => () => {} },
      wallClock: () => 5_000_000,
    }
    const asked = createClientRequest({ id: '1', deadline: 5_000, bypassesCache: true })
    expect((await read({ ...createEnvelopeHeaders(options)(asked) })).bypassesCache).toBe(true)
    expect(await read({ ...enveloped(), ...asking }, { bypassCache: true })).not.toHaveProperty(
      'bypassesCache',
    )
  })
})

describe('whose token it is', () => {
  const bearer = async (claims: object) => ({ authorization: `Bearer ${await signer.sign({ ...claims })}` })

  it('is the subject, null where the token has none, and nothing without a token', async () => {
    expect((await read(await bearer({ sub: 'ada' }))).subject).toBe('ada')
    expect((await read(await bearer({}))).subject).toBeNull()
    expect(await read({})).not.toHaveProperty('subject')
  })
})

describe('a synthetic request', () => {
  it('is one of which anybody says so', async () => {
    expect((await read({ 'x-presage-synthetic': '1' }, { from: '11.0.0.1' })).isSynthetic).toBe(true)
    expect(await read({ 'x-presage-synthetic': '0' })).not.toHaveProperty('isSynthetic')
    expect(await read({})).not.toHaveProperty('isSynthetic')
  })

  it('is refused where the mark does not read so', async () => {
    await expect(read({ 'x-presage-synthetic': 'true' })).rejects.toMatchObject({
      code: 'BAD_REQUEST',
      message: 'x-presage-synthetic: must be 1 or 0, got "true"',
    })
  })
})

describe('what a gateway sends on', () => {
  const clock = { now: () => 700, after: () => () => {} }
  const request = createClientRequest({
    id: '1',
    context: { member: '12' },
    roles: ['viewer'],
    deadline: 1000,
  })
  const sender = (own: string | undefined, isOpen = false) =>
    createEnvelopeHeaders({ key: own, origin: 'gateway', isOpen, clock, wallClock: () => 5_000_000 })

  it('is one envelope a request, with what is known and what is left of its time', () => {
    const headers = sender(key)
    const sent = headers(request)
    expect(headers(request)).toBe(sent)
    expect(openEnvelope(sent[envelopeHeader], [key], 5_000_000)).toMatchObject({
      is: 'valid',
      remainingMs: 300,
      envelope: { id: '1', context: { member: '12' }, roles: ['viewer'], origin: 'gateway' },
    })
  })

  it('names the overrides, the rule set where there is one, and the wish for explanations', () => {
    const asked = { id: '1', deadline: 1000, overrides: new Map([['A', 'm@1']]), explain: new Explain() }
    const opened = (headers: typeof asked, ruleSetOf?: () => NamedRuleSet | undefined) => {
      const options = { key, origin: 'gateway', isOpen: false, clock, wallClock: () => 5_000_000 }
      const send = createEnvelopeHeaders({ ...options, ...(ruleSetOf && { ruleSetOf }) })
      return openEnvelope(send(createClientRequest(headers))[envelopeHeader], [key], 5_000_000)
    }
    const envelope = { overrides: { A: 'm@1' }, ruleSet: 3, ruleSetHash: 'abababababababab', explain: true }
    expect(opened(asked, () => ({ number: 3, sha256: 'ab'.repeat(32) }))).toMatchObject({ envelope })
    expect(opened(asked)).not.toHaveProperty('envelope.ruleSet')
  })

  it('names whose token it was and that it is synthetic, and the subgraph reads both', async () => {
    const asked = { id: '1', deadline: 1000, subject: 'ada', isSynthetic: true as const }
    const { subject, isSynthetic } = await read({ ...sender(key)(createClientRequest(asked)) })
    expect([subject, isSynthetic]).toEqual(['ada', true])
    const nobody = await read({ ...sender(key)(createClientRequest({ ...asked, subject: null })) })
    expect(nobody.subject).toBeNull()
    const plain = await read({ ...sender(key)(request), 'x-presage-synthetic': '1' })
    expect(plain).not.toHaveProperty('subject')
    expect(plain).not.toHaveProperty('isSynthetic')
  })

  it('names the client’s address where no subject does, and the subgraph takes that for its client', async () => {
    const asked = { id: '1', deadline: 1000, address: '192.0.2.7' }
    const clientBehind = async (parts: object) =>
      clientOf(await read({ ...sender(key)(createClientRequest({ ...asked, ...parts })) }))
    expect(await clientBehind({})).toBe('address 192.0.2.7')
    expect(await clientBehind({ subject: null })).toBe('address 192.0.2.7')
    expect(await clientBehind({ subject: 'ada' })).toBe('token ada')
    const sent = sender(key)(createClientRequest({ ...asked, subject: 'ada' }))
    expect(openEnvelope(sent[envelopeHeader], [key], 5_000_000)).not.toHaveProperty('envelope.address')
    expect(clientOf(await read(enveloped()))).toBe('address 10.1.1.1')
  })

  it('is without a key also that the request is synthetic, as anybody may say it', () => {
    const asked = createClientRequest({ id: '1', deadline: 1000, isSynthetic: true })
    const synthetic = { 'x-presage-synthetic': '1' }
    expect(sender(undefined, true)(asked)).toEqual(synthetic)
    expect(sender(undefined)(asked)).toEqual({ [envelopeHeader]: 'none', ...synthetic })
  })

  it('is the envelope that the request came with', () => {
    const came = createClientRequest({ id: '2', deadline: 1000, envelope: 'as it was' })
    expect(sender(key)(came)).toEqual({ [envelopeHeader]: 'as it was' })
  })

  it('is without a key what came, or that nothing is proven, or nothing where it is open itself', () => {
    const came = createClientRequest({ id: '3', deadline: 1000, headers: { [envelopeHeader]: 'opaque' } })
    expect(sender(undefined)(came)).toEqual({ [envelopeHeader]: 'opaque' })
    expect(sender(undefined)(request)).toEqual({ [envelopeHeader]: 'none' })
    expect(sender(undefined, true)(request)).toEqual({})
  })
})
