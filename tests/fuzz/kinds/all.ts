import { startBroken } from './broken'
import { startDocuments } from './documents'
import { startEnvelopes } from './envelopes'
import { startHttp } from './http'
import type { Kind } from './kind'
import { startModels } from './models'
import { startPersisted } from './persisted'
import { startRules } from './rules'
import { startSockets } from './sockets'
import { startSupergraph } from './supergraph'
import { startYaml } from './yaml'

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

const starts: Readonly<Record<KindName | 'broken', () => Promise<Kind>>> = {
  broken: startBroken,
  http: startHttp,
  sockets: startSockets,
  documents: startDocuments,
  persisted: startPersisted,
  envelopes: startEnvelopes,
  yaml: startYaml,
  rules: startRules,
  supergraph: startSupergraph,
  models: startModels,
}

export function isKindName(name: string): name is KindName {
  return Object.hasOwn(kindShares, name)
}

/** Starts what the kind needs. */
export function startKind(name: KindName | 'broken'): Promise<Kind> {
  return starts[name]()
}
