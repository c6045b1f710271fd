import { argMax } from './argMax'
import { column } from './column'
import { entity } from './entity'
import { label } from './label'
import { lookup } from './lookup'
import { records } from './records'
import { sigmoid } from './sigmoid'
import { softmax } from './softmax'
import type { PostprocessStep } from './step'

/** Every postprocess step, by the key that names it in a manifest. A new step needs its file and an entry here. */
export const postprocessSteps: ReadonlyMap<string, PostprocessStep> = new Map(
  [column, sigmoid, softmax, argMax, label, lookup, entity, records].map((step) => [step.name, step]),
)
