import type { IncomingMessage } from 'node:http'
import type { ContextSource } from '../../../gateway/identity/contextSource'
import { createRequestReader } from '../../../gateway/identity/requestReader'
import { noMetrics } from '../../../lib/metrics'
import { AbortableCaller } from '../../../lib/request/caller'
import { envelopeHeader, signEnvelope } from '../../../lib/request/envelope'
import { loopbackTrust } from '../startServer'

const declared = new Map<string, ContextSource>([
  ['member', { from: 'edge', header: 'x-member', type: 'string' }],
  ['device', { from: 'client', header: 'x-device', type: 'string' }],
  ['tenant', { from: 'token', claim: 'tenant', type: 'string' }],
])

/** Whatever is told when so many requests come. */
async function toldOf(
  counts: readonly [number, Record<string, string>][],
  context: ReadonlyMap<string, ContextSource> = declared,
): Promise<readonly string[]> {
  const told: string[] = []
  const read = createRequestReader({
    context,
    defaultTimeoutMs: 1000,
    trust: { ...loopbackTrust, envelopeKeys: ['a key'] },
    explain: false,
    bypassCache: false,
    metrics: noMetrics,
    onUnverified: () => {},
    onMissingContext: (problem) => told.push(problem),
  })
  for (const [count, headers] of counts) {
    const message = { headers, socket: { remoteAddress: '127.0.0.1' } } as unknown as IncomingMessage
    for (let at = 0; at < count; at++) await read(message, 0, new AbortableCaller())
  }
  return told
}

describe('A gateway that passes no context on', () => {
  it('is told of once, with the headers that it must pass on', async () => {
    expect(await toldOf([[99, { 'x-other': '1' }]])).toEqual([])
    expect(await toldOf([[300, {}]])).toEqual([
      'none of the first 100 requests had a value for context.member, context.device, context.tenant: their gateway must pass on x-member, x-device, authorization, and its address must be one of trust.trustedProxies',
    ])
  })

  it('need be no trusted proxy if no key comes from the edge', async () => {
    const [told] = await toldOf([[100, {}]], new Map([...declared].slice(1)))
    expect(told).toMatch(/their gateway must pass on x-device, authorization$/)
  })

  it('is not told of if one of the requests had an envelope', async () => {
    const sealed = signEnvelope(
      { id: 'one', context: {}, roles: [], origin: 'gateway', issuedAt: Date.now(), timeoutMs: 60_000 },
      'a key',
    )
    expect(
      await toldOf([
        [50, {}],
        [1, { [envelopeHeader]: sealed }],
        [300, {}],
      ]),
    ).toEqual([])
  })

  it('is not told of if one of the requests had some, or if no context is declared', async () => {
    expect(
      await toldOf([
        [99, {}],
        [1, { 'x-device': 'tv' }],
        [300, {}],
      ]),
    ).toEqual([])
    expect(await toldOf([[300, {}]], new Map())).toEqual([])
  })
})
