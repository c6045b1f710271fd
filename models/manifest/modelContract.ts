import { LoadError } from '../../lib/errors'
import type { Manifest } from '../contracts/manifest'
import type { Objective } from '../contracts/objective'
import { postprocessSteps } from '../postprocess/registration'
import type { ValueType } from '../types/valueType'
import type { ContractOutput, ModelContract } from './servesObjective'
import { stepOf } from './stepShape'

/**
 * A manifest's features and outputs. The type of an output comes from its step. If only the graph could tell, as for a
 * plain column, it comes from the output of the same name of an objective that the model serves, or is undefined.
 * Throws `LoadError` if a step reads an output above of a type that it does not take.
 */
export function modelContract(manifest: Manifest, objectives: ReadonlyMap<string, Objective>): ModelContract {
  const wanted = manifest.serves.flatMap((objective) => objectives.get(objective)?.outputs ?? [])
  const types = new Map<string, ValueType | undefined>()
  for (const [name, spec] of Object.entries(manifest.postprocess)) {
    const expected = wanted.find((output) => output.name === name)?.type
    const type = stepOf(spec, postprocessSteps).type(spec, {
      graph: () => undefined,
      value: () => undefined,
      output: (above) => types.get(above),
      expected,
      fail(message) {
        throw new LoadError([`${manifest.key}: postprocess.${name}: ${message}`])
      },
    })
    types.set(name, type ?? expected)
  }
  return {
    features: manifest.features,
    outputs: [...types].map(([name, type]) => ({ name, type }) as ContractOutput),
  }
}
