import { type BenchCase, cases } from './cases'
import { mercuriusEnvironment } from './environments'
import { type Started, startNode } from './startProcess'

/** Mercurius on Fastify, one server without federation. */
export function startMercurius(benchCase: BenchCase): Promise<Started> {
  return startNode('bench/peers/mercuriusServer', [mercuriusEnvironment(), String(cases.indexOf(benchCase))])
}
