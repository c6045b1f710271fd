import type { Trouble } from './trouble'
import { clockJumps } from './troubles/clockJumps'
import { clockOfGateway } from './troubles/clockOfGateway'
import { cutSupergraph } from './troubles/cutSupergraph'
import { fewDescriptors } from './troubles/fewDescriptors'
import { flood } from './troubles/flood'
import { frozenSubgraph } from './troubles/frozenSubgraph'
import { frozenWorker } from './troubles/frozenWorker'
import { fullDisk } from './troubles/fullDisk'
import { garbageRules } from './troubles/garbageRules'
import { halfModel } from './troubles/halfModel'
import { idleConnections } from './troubles/idleConnections'
import { killedSubgraph } from './troubles/killedSubgraph'
import { killedWorker } from './troubles/killedWorker'
import { redisTroubles } from './troubles/redisTroubles'
import { slowReaders } from './troubles/slowReaders'
import { slowWriters } from './troubles/slowWriters'

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
