import type { Kind } from './kind'

/** Each kind, and its share of the inputs in thousandths: as much as its code is quick. */
export const kindShares = {
  http: 60,
  sockets: 40,
  documents: 60,
  persisted: 120,
  envelopes: 400,
  yaml: 150,
  rules: 132,
  supergraph: 30,
  models: 8,
} as const

export type KindName = keyof typeof kindShares

/** Loaded when they are asked for: most need much of the product. */
const starts: Readonly<Record<KindName | 'broken', () => Promise<Kind>>> = {
  broken: () => (require('./broken') as typeof import('./broken')).startBroken(),
  http: () => (require('./http') as typeof import('./http')).startHttp(),
  sockets: () => (require('./sockets') as typeof import('./sockets')).startSockets(),
  documents: () => (require('./documents') as typeof import('./documents')).startDocuments(),
  persisted: () => (require('./persisted') as typeof import('./persisted')).startPersisted(),
  envelopes: () => (require('./envelopes') as typeof import('./envelopes')).startEnvelopes(),
  yaml: () => (require('./yaml') as typeof import('./yaml')).startYaml(),
  rules: () => (require('./rules') as typeof import('./rules')).startRules(),
  supergraph: () => (require('./supergraph') as typeof import('./supergraph')).startSupergraph(),
  models: () => (require('./models') as typeof import('./models')).startModels(),
}

export function isKindName(name: string): name is KindName {
  return Object.hasOwn(kindShares, name)
}

/** Starts what the kind needs. */
export function startKind(name: KindName | 'broken'): Promise<Kind> {
  return starts[name]()
}
