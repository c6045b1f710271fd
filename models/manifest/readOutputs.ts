import type { Manifest } from '../contracts/manifest'
import { postprocessSteps } from '../postprocess/registration'
import { stepOf } from './stepShape'

/** The outputs of the graph that the manifest's steps read, each once. Runs yield only these. */
export function readOutputs({ postprocess }: Pick<Manifest, 'postprocess'>): readonly string[] {
  const names = Object.values(postprocess).flatMap(
    (spec) => stepOf(spec, postprocessSteps).reads(spec).graph ?? [],
  )
  return [...new Set(names)]
}
