import { cutSupergraph } from './cutSupergraph'
import { frozenSubgraph } from './frozenSubgraph'
import { frozenWorker } from './frozenWorker'
import { garbageRules } from './garbageRules'
import { halfModel } from './halfModel'
import { killedSubgraph } from './killedSubgraph'
import { killedWorker } from './killedWorker'
import { redisTroubles } from './redisTroubles'
import type { Trouble } from './trouble'

/** By the name that the command takes. */
export const troubles: Readonly<Record<string, Trouble>> = {
  'killed-worker': killedWorker,
  'killed-subgraph': killedSubgraph,
  'frozen-worker': frozenWorker,
  'frozen-subgraph': frozenSubgraph,
  ...redisTroubles,
  'half-model': halfModel,
  'garbage-rules': garbageRules,
  'cut-supergraph': cutSupergraph,
}
