import { clockJumps } from './clockJumps'
import { clockOfGateway } from './clockOfGateway'
import { cutSupergraph } from './cutSupergraph'
import { fewDescriptors } from './fewDescriptors'
import { flood } from './flood'
import { frozenSubgraph } from './frozenSubgraph'
import { frozenWorker } from './frozenWorker'
import { fullDisk } from './fullDisk'
import { garbageRules } from './garbageRules'
import { halfModel } from './halfModel'
import { idleConnections } from './idleConnections'
import { killedSubgraph } from './killedSubgraph'
import { killedWorker } from './killedWorker'
import { redisTroubles } from './redisTroubles'
import { slowReaders } from './slowReaders'
import { slowWriters } from './slowWriters'
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
  'full-disk': fullDisk,
  'few-descriptors': fewDescriptors,
  'clock-jumps': clockJumps,
  'clock-of-gateway': clockOfGateway,
  'slow-readers': slowReaders,
  'slow-writers': slowWriters,
  'idle-connections': idleConnections,
  flood,
}
